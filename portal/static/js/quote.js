/** A selection of the conversation becomes a quotation in the next question. */

import { announce, copyOfTemplate, element, text } from "./page.js";

/** @type {HTMLElement | null} */
let shown = null;

/** @returns {Range | null} what is selected, where all of it lies in the messages */
function selected() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0 || !selection.toString().trim()) return null;
  const range = selection.getRangeAt(0);
  const messages = element("#messages", HTMLElement);
  const active = document.activeElement;
  if (active instanceof HTMLTextAreaElement && active.closest("form[data-edit-form]")) return null;
  return messages.contains(range.commonAncestorContainer) ? range : null;
}

function hide() {
  shown?.remove();
  shown = null;
}

/** Offer to quote what is selected, beside it. */
export function offer() {
  const range = selected();
  if (!range || element("#composer", HTMLElement).hidden) return hide();
  if (!shown) {
    shown = copyOfTemplate("quote-template");
    // A press must not take the selection away before it is read.
    shown.addEventListener("pointerdown", (event) => event.preventDefault());
    shown.addEventListener("click", quote);
    element("#scroller", HTMLElement).append(shown);
  }
  const scroller = element("#scroller", HTMLElement);
  const frame = scroller.getBoundingClientRect();
  const end = [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect();
  const left = Math.min(Math.max(end.right - frame.left - shown.offsetWidth, 8), scroller.clientWidth - shown.offsetWidth - 8);
  shown.style.left = `${left}px`;
  shown.style.top = `${end.bottom - frame.top + scroller.scrollTop + 6}px`;
}

/** Put what is selected at the end of the question, as a quotation. */
export function quote() {
  const range = selected();
  const field = element("#question", HTMLTextAreaElement);
  if (!range || element("#composer", HTMLElement).hidden) return;
  const lines = (getSelection()?.toString() ?? "").trim().split(/\r?\n/);
  const quotation = lines.map((line) => `> ${line}`.trimEnd()).join("\n");
  const before = field.value.trimEnd();
  field.value = `${before}${before ? "\n\n" : ""}${quotation}\n\n`;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  getSelection()?.removeAllRanges();
  hide();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
  announce(text("quoted"));
}
