import { post } from "./api.js";
import { announce, element, text } from "./page.js";

/** @typedef {import("./api.js").ApiError} ApiError */

let started = false;

function menu() {
  return element("#thinking-menu", HTMLElement);
}

/** @returns {HTMLButtonElement[]} */
function items() {
  return [...menu().querySelectorAll("button")];
}

/**
 * Open the menu of how much the model thinks, or close it.
 *
 * @param {HTMLButtonElement} button
 * @param {"first" | "last"} end where the focus goes unless something is chosen
 */
export function toggleMenu(button, end) {
  if (!started) listen(button);
  started = true;
  if (!menu().hidden) return close(button);
  menu().hidden = false;
  button.ariaExpanded = "true";
  const chosen = items().find((item) => item.ariaChecked === "true");
  (chosen ?? items().at(end === "first" ? 0 : -1))?.focus();
}

/** @param {HTMLButtonElement} button */
function close(button) {
  menu().hidden = true;
  button.ariaExpanded = "false";
}

/** @param {HTMLButtonElement} button */
function listen(button) {
  menu().addEventListener("click", (event) => {
    const item = event.target instanceof Element ? event.target.closest("button") : null;
    if (!item) return;
    choose(button, item);
    close(button);
    button.focus();
  });
  menu().addEventListener("keydown", (event) => onKey(event, button));
  menu().addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    if (!(next instanceof Node) || (!menu().contains(next) && next !== button)) close(button);
  });
}

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLButtonElement} item
 */
function choose(button, item) {
  for (const other of items()) other.ariaChecked = String(other === item);
  const { thinking = "off", budget } = item.dataset;
  button.dataset["thinking"] = thinking;
  if (budget) button.dataset["budget"] = budget;
  const names = { off: "effortOff", budgeted: "effortBudgeted", deep: "effortDeep" };
  const tokens = Number(budget ?? 0).toLocaleString(document.documentElement.lang);
  const name = names[/** @type {Thinking} */ (thinking)];
  element("[data-effort-label]", HTMLElement, button).textContent = text(name, { tokens });
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLButtonElement} button
 */
function onKey(event, button) {
  const all = items();
  const place = all.findIndex((item) => item === document.activeElement);
  /** @type {Record<string, number>} */
  const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 };
  const move = moves[event.key];
  if (move !== undefined) all.at(move % all.length)?.focus();
  else if (event.key === "Escape") {
    close(button);
    button.focus();
  } else return;
  event.preventDefault();
}

/**
 * End the model's thinking; its answer comes in the same message.
 *
 * @param {HTMLButtonElement} button
 * @param {(error: ApiError | null) => void} showProblem
 */
export async function answerNow(button, showProblem) {
  const answer = button.closest("[data-answer]");
  if (!(answer instanceof HTMLElement)) return;
  button.disabled = true;
  try {
    await post(`/api/runs/${answer.dataset["run"]}/answer-now`);
    announce(text("answeringNow"));
  } catch (error) {
    button.disabled = false;
    showProblem(/** @type {ApiError} */ (error));
  }
}
