/**
 * What somebody has begun to write stays in this browser, for this person and this conversation, until it is asked or he
 * signs out. It is never sent anywhere.
 */

import { element, page } from "./page.js";

const PREFIX = "draft:";
const PAUSE_MS = 250;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

function key() {
  return `${PREFIX}${page.person}:${page.conversation ?? `new:${page.workspace}`}`;
}

/** @param {string} text */
function keep(text) {
  clearTimeout(waiting);
  try {
    if (text.trim()) localStorage.setItem(key(), text);
    else localStorage.removeItem(key());
  } catch {
    // Storage is full or switched off: the draft lasts for this page.
  }
}

/** What was just typed, after a pause, so that a long text is not stored at each key. */
export function noteDraft() {
  const field = element("#question", HTMLTextAreaElement);
  clearTimeout(waiting);
  if (field.value) waiting = setTimeout(() => keep(field.value), PAUSE_MS);
  else keep("");
}

/** The page goes, or is hidden: what was typed in the last moment counts too. */
export function keepNow() {
  if (waiting !== undefined) keep(element("#question", HTMLTextAreaElement).value);
}

export function restoreDraft() {
  for (const name of Object.keys(localStorage)) {
    // Somebody else's, whose session ended by itself.
    if (name.startsWith(PREFIX) && !name.startsWith(`${PREFIX}${page.person}:`)) localStorage.removeItem(name);
  }
  const field = element("#question", HTMLTextAreaElement);
  const draft = localStorage.getItem(key());
  if (!draft || field.value) return;
  field.value = draft;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.setSelectionRange(draft.length, draft.length);
}
