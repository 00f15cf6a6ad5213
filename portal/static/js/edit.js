/** A question that is written anew, where it stands. */

import { copyOfTemplate, element, page } from "./page.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

/**
 * @param {Conversation} conversation
 * @param {HTMLElement} root the question
 * @param {() => Effort} effort
 * @param {string} [draft] what was written already
 */
export function edit(conversation, root, effort, draft) {
  if (root.querySelector("form") || !conversation.isIdle) return;
  const shown = element("[data-question]", HTMLElement, root);
  const actions = element("[data-question-actions]", HTMLElement, root);
  const form = /** @type {HTMLFormElement} */ (copyOfTemplate("edit-template"));
  const field = element("textarea", HTMLTextAreaElement, form);
  const send = element("[type=submit]", HTMLButtonElement, form);

  function close() {
    form.remove();
    root.removeAttribute("data-editing");
    shown.hidden = false;
    actions.hidden = false;
  }

  function check() {
    send.disabled = field.value.trim() === "" || [...field.value].length > page.questionLimit;
  }

  async function submit() {
    const written = field.value;
    close();
    if (await conversation.edit(root, written, effort())) element("#question", HTMLTextAreaElement).focus();
    else if (root.isConnected) edit(conversation, root, effort, written);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!send.disabled) void submit();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // Elsewhere Escape stops the answer.
      event.preventDefault();
      event.stopPropagation();
      close();
      element("[data-edit]", HTMLButtonElement, root).focus();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === field) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  element("[data-cancel]", HTMLButtonElement, form).addEventListener("click", () => {
    close();
    element("[data-edit]", HTMLButtonElement, root).focus();
  });
  field.addEventListener("input", check);
  field.value = draft ?? shown.textContent ?? "";
  shown.hidden = true;
  actions.hidden = true;
  root.dataset["editing"] = "";
  root.append(form);
  check();
  field.focus();
}
