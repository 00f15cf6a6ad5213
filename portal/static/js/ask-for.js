import { text } from "./page.js";

/**
 * A small dialog with one line to write.
 *
 * @param {string} title
 * @param {string} label
 * @param {string} value
 * @param {number} most characters
 * @returns {Promise<string>} empty where it was left
 */
export function askFor(title, label, value, most) {
  const dialog = document.createElement("dialog");
  dialog.className = "link-dialog";
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.textContent = title;
  const named = document.createElement("label");
  named.className = "asked";
  const said = document.createElement("span");
  said.textContent = label;
  const field = document.createElement("input");
  field.value = value;
  field.maxLength = most;
  field.required = true;
  named.append(said, field);
  const actions = document.createElement("div");
  actions.className = "link-dialog__actions";
  const cancel = document.createElement("button");
  cancel.className = "button";
  cancel.type = "button";
  cancel.textContent = text("cancel");
  cancel.addEventListener("click", () => dialog.close());
  const save = document.createElement("button");
  save.className = "button button--primary";
  save.value = "save";
  save.textContent = text("save");
  actions.append(cancel, save);
  form.append(heading, named, actions);
  dialog.append(form);
  dialog.setAttribute("aria-label", title);
  document.body.append(dialog);
  dialog.showModal();
  field.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "save" ? field.value.trim() : "");
    });
  });
}
