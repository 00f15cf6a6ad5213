/** A prompt on its way into the question: its variables are asked for first, and nothing is sent. */

import { get } from "../api.js";
import { announce, element, text } from "../page.js";

/**
 * Put it in place of what the field holds where that is only the search for it, and else where the cursor is.
 *
 * @param {Prompt} prompt
 * @param {boolean} [replaces]
 */
export async function insertPrompt(prompt, replaces = false) {
  const values = prompt.variables.length ? await (await import("./form.js")).askValues(prompt) : new Map();
  if (values) insertText(filled(prompt, values), replaces);
  else element("#question", HTMLTextAreaElement).focus();
}

/** @param {string} id */
export async function insertById(id) {
  await insertPrompt(await get(`/api/prompts/${encodeURIComponent(id)}`));
}

/**
 * As if it were typed.
 *
 * @param {string} written
 * @param {boolean} [replaces]
 */
export function insertText(written, replaces = false) {
  const field = element("#question", HTMLTextAreaElement);
  const end = field.value.length;
  // A field whose cursor nobody has moved, or that lost it to a dialog, says that it stands at the beginning.
  const [from, to] = field.selectionEnd ? [field.selectionStart, field.selectionEnd] : [end, end];
  field.setRangeText(written, replaces ? 0 : from, replaces ? end : to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  announce(text("promptInserted"));
}

/**
 * @param {Prompt} prompt
 * @param {Map<string, string>} values
 */
function filled(prompt, values) {
  return prompt.pieces.map((piece) => (piece.variable ? (values.get(piece.variable) ?? "") : piece.text)).join("");
}
