/** The pages of what is archived or deleted: each conversation has a button that brings it back. */

import { ApiError, send } from "./api.js";
import { announce, element, text } from "./page.js";

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-restore], [data-unarchive]") : null;
  if (button instanceof HTMLButtonElement) void bringBack(button);
});

/** @param {HTMLButtonElement} button */
async function bringBack(button) {
  const row = button.closest("[data-conversation]");
  if (!(row instanceof HTMLElement)) return;
  const path = `/api/conversations/${row.dataset["conversation"]}`;
  const problem = element("[data-problem]", HTMLElement);
  button.disabled = true;
  problem.hidden = true;
  try {
    if ("restore" in button.dataset) await send("POST", `${path}/restore`);
    else await send("PATCH", path, { archived: false });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    button.disabled = false;
    problem.textContent = error.message;
    problem.hidden = false;
    return;
  }
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  announce(text("undone"));
  next?.querySelector("button")?.focus();
  element("[data-empty]", HTMLElement).hidden = document.querySelector("[data-shelf] li") !== null;
}
