import { get } from "./api.js";
import { element, text } from "./page.js";

/**
 * Fill the panel that tells what the model was given for an answer.
 *
 * @param {HTMLDetailsElement} panel
 */
export async function showSent(panel) {
  const answer = panel.closest("[data-answer]");
  const place = element("[data-sent-body]", HTMLElement, panel);
  if (!(answer instanceof HTMLElement) || place.hasChildNodes()) return;
  const run = /** @type {{ sent: Sent | null, error_code: string }} */ (
    await get(`/api/runs/${answer.dataset["run"]}`).catch(() => ({ sent: null, error_code: "" }))
  );
  place.replaceChildren(...(run.sent ? lines(run.sent, run.error_code) : [line("p", text("sentUnknown"))]));
}

/**
 * @param {Sent} sent
 * @param {string} failure
 */
function lines(sent, failure) {
  const sizes = { count: number(sent.tokens), limit: sent.limit ? number(sent.limit) : "?" };
  const refused = failure === "context_too_long";
  const head = refused ? "sentFailed" : sent.exact && sent.limit ? "sentWhole" : "sentAbout";
  const size = sent.counted ? number : about;
  const list = document.createElement("ul");
  list.append(line("li", text("sentSystem", { tokens: size(sent.system) })));
  if (sent.instructions) list.append(line("li", text("sentInstructions", { tokens: size(sent.instructions) })));
  sent.documents.forEach((document, index) =>
    list.append(line("li", text("sentDocument", { number: index + 1, tokens: size(document.tokens) }))),
  );
  const { messages, tokens } = sent.history;
  if (messages) list.append(line("li", text("sentHistory", { messages, tokens: size(tokens) })));
  list.append(line("li", text("sentQuestion", { tokens: size(sent.question) })));
  if (sent.compacted) list.append(line("li", text("sentCompacted", { messages: sent.compacted.messages })));
  if (sent.parts) list.append(line("li", text("sentParts", { parts: sent.parts.parts })));
  if (sent.dropped.thoughts) list.append(line("li", text("sentDropped", { count: sent.dropped.thoughts })));
  else if (!refused) list.append(line("li", text("sentNothingDropped")));
  return [line("p", text(head, sizes)), list];
}

/**
 * @param {string} tag
 * @param {string} said
 */
function line(tag, said) {
  const made = document.createElement(tag);
  made.textContent = said;
  return made;
}

/** @param {number} count */
function number(count) {
  return count.toLocaleString(document.documentElement.lang);
}

/** @param {number} count */
function about(count) {
  return text("about", { count: number(count) });
}
