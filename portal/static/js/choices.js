import { get } from "./api.js";
import { element, text } from "./page.js";

/**
 * What can be done with a question that does not fit, as buttons beside the problem.
 *
 * @param {TooLong} found
 * @param {(choice: Partial<Effort>) => void} onChoose
 */
export function offerChoices(found, onChoose) {
  const place = element("#problem [data-choices]", HTMLElement);
  const names = { compact: text("chooseCompact"), parts: text("chooseParts") };
  const ways = found.choices.map((context) =>
    button(names[/** @type {"compact" | "parts"} */ (context)] ?? context, () => onChoose({ context })),
  );
  const engines = found.engines.map((engine) => button(nameOf(engine), () => onChoose({ engine: engine.id })));
  place.replaceChildren(...ways, ...engines);
  place.hidden = false;
}

/**
 * Replace the button by those of the engines that read enough for the answer's prompt.
 *
 * @param {HTMLButtonElement} asked
 */
export async function offerEngines(asked) {
  const answer = asked.closest("[data-answer]");
  if (!(answer instanceof HTMLElement)) return;
  asked.disabled = true;
  const needed = Number(answer.dataset["needed"] ?? 0);
  /** @type {{ items: { id: string, name: string, context_tokens: number }[] }} */
  const { items } = await get("/api/engines").catch(() => ({ items: [] }));
  const made = items
    .filter((engine) => engine.context_tokens > needed)
    .map((engine) => {
      // The conversation hears of it as of the other choices.
      const choice = button(nameOf(engine), () => {});
      choice.dataset["choose"] = "";
      choice.dataset["engine"] = engine.id;
      return choice;
    });
  if (made.length) return asked.replaceWith(...made);
  const none = document.createElement("span");
  none.textContent = text("chooseNoEngine");
  asked.replaceWith(none);
}

/** @param {{ name: string, context_tokens: number }} engine */
function nameOf(engine) {
  const tokens = engine.context_tokens.toLocaleString(document.documentElement.lang);
  return text("chooseEngine", { name: engine.name, tokens });
}

/**
 * @param {string} name
 * @param {() => void} onClick
 */
function button(name, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = name;
  made.addEventListener("click", onClick);
  return made;
}
