/** The versions of a message: which one is shown, and turning to another. */

import { copyOfTemplate, element, text } from "./page.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

/**
 * @param {HTMLElement} root a message
 * @returns {string[]} its versions, oldest first
 */
export function versionsOf(root) {
  return (root.dataset["siblings"] ?? "").split(" ").filter(Boolean);
}

/** @param {HTMLElement} root a message that has versions, which its markup may not show yet */
export function showPlace(root) {
  const versions = versionsOf(root);
  const place = versions.indexOf(root.dataset["message"] ?? "") + 1;
  const found = root.querySelector("[data-branches]");
  const group = found instanceof HTMLElement ? found : copyOfTemplate("branches-template");
  if (!found) element("[data-actions], [data-question-actions]", HTMLElement, root).prepend(group);
  const label = element("[data-branch-place]", HTMLElement, group);
  label.textContent = `${place} / ${versions.length}`;
  label.ariaLabel = text("place", { place, count: versions.length });
  element("[data-branch='-1']", HTMLButtonElement, group).disabled = place <= 1;
  element("[data-branch='1']", HTMLButtonElement, group).disabled = place >= versions.length;
}

/**
 * @param {Conversation} conversation
 * @param {HTMLElement} root
 * @param {number} step
 */
export async function turn(conversation, root, step) {
  const versions = versionsOf(root);
  const wanted = versions[versions.indexOf(root.dataset["message"] ?? "") + step];
  if (!wanted) return;
  const now = await conversation.switchTo(root, wanted);
  if (!now) return;
  // The same button again, so that the next press goes on; at an end, the other one.
  const buttons = [step, -step].map((way) => now.querySelector(`[data-branch="${way}"]`));
  const button = buttons.find((item) => item instanceof HTMLButtonElement && !item.disabled);
  if (button instanceof HTMLElement) button.focus({ preventScroll: true });
}
