/** The form that asks for the variables of a prompt. */

import { text } from "../page.js";

/**
 * @param {Prompt} prompt
 * @returns {Promise<Map<string, string> | null>} null where it was left
 */
export function askValues(prompt) {
  const dialog = document.createElement("dialog");
  dialog.className = "link-dialog prompt-form";
  dialog.setAttribute("aria-labelledby", "prompt-form-title");
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.id = "prompt-form-title";
  heading.dir = "auto";
  heading.textContent = prompt.name;
  const fields = new Map(prompt.variables.map((variable) => [variable.name, fieldOf(variable)]));
  const body = document.createElement("div");
  body.className = "prompt-form__fields";
  body.append(...[...fields].map(([name, field]) => labelled(name, field)));
  const actions = document.createElement("div");
  actions.className = "link-dialog__actions";
  const cancel = button(text("cancel"), "button", "button");
  cancel.addEventListener("click", () => dialog.close());
  const insert = button(text("promptInsert"), "button button--primary", "submit");
  insert.value = "insert";
  actions.append(cancel, insert);
  form.append(heading);
  if (prompt.description) form.append(paragraph(prompt.description));
  form.append(body, actions);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  [...fields.values()][0]?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      const values = new Map([...fields].map(([name, field]) => [name, field.value]));
      resolve(dialog.returnValue === "insert" ? values : null);
    });
  });
}

/** @param {Variable} variable */
function fieldOf(variable) {
  if (variable.kind === "choice") {
    const field = document.createElement("select");
    field.append(...variable.choices.map((choice) => new Option(choice, choice)));
    return field;
  }
  if (variable.kind === "long") {
    const field = document.createElement("textarea");
    field.rows = 6;
    field.dir = "auto";
    field.value = variable.default;
    return field;
  }
  const field = document.createElement("input");
  field.type = variable.kind === "date" ? "date" : "text";
  field.dir = variable.kind === "date" ? "" : "auto";
  field.value = variable.default === "today" && variable.kind === "date" ? today() : variable.default;
  field.autocomplete = "off";
  return field;
}

/** The day where the reader is. */
function today() {
  const now = new Date();
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/**
 * @param {string} name
 * @param {HTMLElement} field
 */
function labelled(name, field) {
  const label = document.createElement("label");
  label.className = "asked";
  const said = document.createElement("bdi");
  said.textContent = name;
  label.append(said, field);
  return label;
}

/**
 * @param {string} label
 * @param {string} kind
 * @param {"button" | "submit"} type
 */
function button(label, kind, type) {
  const made = document.createElement("button");
  made.className = kind;
  made.type = type;
  made.textContent = label;
  return made;
}

/** @param {string} said */
function paragraph(said) {
  const made = document.createElement("p");
  made.dir = "auto";
  made.textContent = said;
  return made;
}
