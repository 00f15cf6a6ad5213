/** The dialog in which a prompt is written. What was written stays there until it is saved or left. */

import { ApiError, send } from "../api.js";
import { copyOfTemplate, element } from "../page.js";

/**
 * @param {Prompt | null} prompt null: a new one
 * @returns {Promise<boolean>} whether it was saved
 */
export function editPrompt(prompt) {
  const dialog = /** @type {HTMLDialogElement} */ (copyOfTemplate("prompt-editor"));
  const form = element("form", HTMLFormElement, dialog);
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  if (prompt) {
    for (const name of /** @type {const} */ (["name", "description", "text"])) field(name).value = prompt[name];
    element("[data-place]", HTMLElement, dialog).remove();
    element("[data-new]", HTMLElement, dialog).hidden = true;
    element("[data-change]", HTMLElement, dialog).hidden = false;
  }
  const problem = element("[data-problem]", HTMLElement, dialog);
  const save = element("[type=submit]", HTMLButtonElement, dialog);
  let saved = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void store();
  });

  async function store() {
    save.disabled = true;
    problem.hidden = true;
    const body = { name: field("name").value, description: field("description").value, text: field("text").value };
    try {
      if (prompt) await send("PATCH", `/api/prompts/${prompt.id}`, body);
      else await send("POST", "/api/prompts", { ...body, ...placeIn(field("place").value) });
      saved = true;
      dialog.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.textContent = error.message;
      problem.hidden = false;
      const about = /** @type {{ field?: string }} */ (error.details).field;
      if (about && form.elements.namedItem(about)) field(about).focus();
    } finally {
      save.disabled = false;
    }
  }

  element("[data-cancel]", HTMLButtonElement, dialog).addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(saved);
    });
  });
}

/**
 * @param {string} chosen `workspace:<id>`, `department:<id>` or nothing
 * @returns {Record<string, string>}
 */
function placeIn(chosen) {
  const [kind, id] = chosen.split(":");
  return kind && id ? { [kind]: id } : {};
}
