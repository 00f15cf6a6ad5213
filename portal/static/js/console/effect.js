// What a change would do, fetched by htmx after its page is there: told when it is known, refused, or could not be had.

const effect = document.getElementById("effect");
const failed = document.getElementById("effect-failed");

/** @param {Event} event */
function answered(event) {
  const detail = /** @type {CustomEvent<{ xhr: XMLHttpRequest, shouldSwap: boolean, isError: boolean }>} */ (event).detail;
  // A refusal by the service comes as a part too; any other error is a whole page.
  if (detail.xhr.status < 400 || !detail.xhr.getResponseHeader("HX-Reswap")) return;
  detail.shouldSwap = true;
  detail.isError = false;
}

function known() {
  effect?.setAttribute("aria-busy", "false");
}

function fail() {
  if (!effect || !(failed instanceof HTMLTemplateElement)) return;
  effect.replaceChildren(failed.content.cloneNode(true));
  effect.querySelector("button")?.addEventListener("click", again);
  known();
}

function again() {
  if (!effect) return;
  const waiting = document.createElement("p");
  waiting.className = "company-loading";
  waiting.textContent = asked;
  effect.replaceChildren(waiting);
  effect.setAttribute("aria-busy", "true");
  effect.dispatchEvent(new Event("look"));
}

const asked = effect?.textContent?.trim() ?? "";
effect?.addEventListener("htmx:beforeSwap", answered);
effect?.addEventListener("htmx:afterSwap", known);
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) effect?.addEventListener(name, fail);

export {};
