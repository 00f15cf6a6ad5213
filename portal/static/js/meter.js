import { element, page, text } from "./page.js";

/** As the server estimates, in portal/chat/estimate.py. */
const CHARACTERS_A_TOKEN = 4;
const TOKENS_A_FOREIGN_CHARACTER = 0.8;
/** Of the context so much is kept for the answer, at least; the worker's rule. */
const ANSWER_SHARE = 8;
const LEAST_ANSWER = 1024;
/** The wait before a pause in writing is taken for one. */
const PAUSE_MS = 150;

/** @typedef {{ name: string, tokens: number }} Attached */

/**
 * How many tokens a text takes, about.
 *
 * @param {string} written
 */
export function about(written) {
  const foreign = [...written.matchAll(/[^\u0000-\u007f]/gu)].length;
  const plain = written.length - written.replace(/[\u0000-\u007f]+/g, "").length;
  return Math.ceil(plain / CHARACTERS_A_TOKEN) + Math.round(foreign * TOKENS_A_FOREIGN_CHARACTER);
}

/** Show what the model has to read, before it is sent. */
export function startMeter() {
  const context = page.context;
  const root = document.querySelector("#meter");
  if (!context || !(root instanceof HTMLDetailsElement)) return;
  const field = element("#question", HTMLTextAreaElement);
  /** @type {Attached[]} */
  let attached = [];
  const show = () => render(root, context, attached, about(field.value));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(show, PAUSE_MS);
  });
  element("#composer", HTMLFormElement).addEventListener("submit", () => setTimeout(show));
  document.addEventListener("composer:attachments", (event) => {
    attached = /** @type {CustomEvent<{ files: Attached[] }>} */ (event).detail.files;
    show();
  });
  document.addEventListener("answer:usage", (event) => {
    const usage = /** @type {CustomEvent<UsageEvent>} */ (event).detail;
    if (!usage.sent?.exact) return;
    context.history = usage.sent.tokens + usage.completion_tokens - usage.reasoning_tokens;
    context.exact = true;
    context.instructions = 0;
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.open) root.open = false;
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !root.contains(event.target)) root.open = false;
  });
  show();
}

/**
 * @param {HTMLDetailsElement} root
 * @param {ContextData} context
 * @param {Attached[]} attached
 * @param {number} draft
 */
function render(root, context, attached, draft) {
  const files = attached.reduce((sum, file) => sum + file.tokens, 0);
  const used = context.history + context.instructions + files + draft;
  const left = Math.max(0, context.limit - used);
  const kept = Math.min(LEAST_ANSWER, Math.floor(context.limit / ANSWER_SHARE));
  const share = Math.min(1, used / context.limit);
  element("[data-meter-bar]", HTMLElement, root).style.setProperty("inline-size", `${100 * share}%`);
  element("[data-meter-label]", HTMLElement, root).textContent = text("meterShare", { percent: percentOf(share) });
  root.toggleAttribute("data-over", left < kept);
  element("[data-meter-hint]", HTMLElement, root).hidden = left >= kept;
  const answer = context.answer ? Math.min(left, context.answer) : left;
  element("[data-meter-rows]", HTMLElement, root).replaceChildren(
    ...(context.instructions ? row(text("meterInstructions"), guess(context.instructions)) : []),
    ...row(text("meterHistory"), context.exact ? number(context.history) : guess(context.history)),
    ...attached.flatMap((file) => row(file.name, number(file.tokens))),
    ...row(text("meterDraft"), guess(draft)),
    ...row(text("meterLeft"), guess(answer)),
    ...row(text("meterLimit"), number(context.limit)),
  );
}

/** @param {number} share */
function percentOf(share) {
  if (share > 0 && share < 0.01) return "<1";
  return String(Math.round(100 * share));
}

/** @param {number} count */
function number(count) {
  return count.toLocaleString(document.documentElement.lang);
}

/** @param {number} count */
function guess(count) {
  return text("about", { count: number(count) });
}

/**
 * @param {string} name
 * @param {string} value
 */
function row(name, value) {
  const term = document.createElement("dt");
  const definition = document.createElement("dd");
  term.textContent = name;
  definition.textContent = value;
  return [term, definition];
}
