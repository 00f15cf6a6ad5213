import { text } from "./page.js";

const KEYS = [
  ["Ctrl K", "keyPalette"],
  ["?  ·  Ctrl /", "keyHelp"],
  ["Enter", "keySend"],
  ["Shift Enter", "keyLine"],
  ["/", "keyPrompt"],
  ["Esc", "keyStop"],
  ["F2", "keyRename"],
  ["Delete", "keyDelete"],
  ["↑ ↓", "keyMenu"],
];

/** The list of what the keyboard can do. */
export function showShortcuts() {
  const dialog = document.createElement("dialog");
  dialog.className = "link-dialog shortcuts";
  dialog.setAttribute("aria-label", text("shortcuts"));
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.textContent = text("shortcuts");
  const list = document.createElement("dl");
  for (const [keys, sentence] of KEYS) {
    const group = document.createElement("div");
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = keys ?? "";
    term.append(key);
    const meaning = document.createElement("dd");
    meaning.textContent = text(sentence ?? "");
    group.append(term, meaning);
    list.append(group);
  }
  const actions = document.createElement("div");
  actions.className = "link-dialog__actions";
  const close = document.createElement("button");
  close.className = "button";
  close.textContent = text("close");
  actions.append(close);
  form.append(heading, list, actions);
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}
