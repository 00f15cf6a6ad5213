/** Two versions of a message, side by side. */

import { ApiError, get } from "./api.js";
import { versionsOf } from "./branches.js";
import { GrowingMarkdown } from "./markdown/blocks.js";
import { showBidiControls } from "./markdown/clean.js";
import { copyOfTemplate, element, page, text } from "./page.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

/**
 * @param {Conversation} conversation
 * @param {HTMLElement} root the version that is shown
 * @param {(error: ApiError) => void} onProblem
 */
export async function compare(conversation, root, onProblem) {
  const shown = root.dataset["message"] ?? "";
  const versions = versionsOf(root);
  const other = versions[versions.indexOf(shown) - 1] ?? versions[versions.indexOf(shown) + 1];
  if (!other) return;
  try {
    const path = `/api/conversations/${page.conversation}/messages/${shown}/siblings`;
    /** @type {{ items: StoredMessage[] }} */
    const { items } = await get(path);
    open(conversation, root, items, [shown, other].toSorted((a, b) => versions.indexOf(a) - versions.indexOf(b)));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    onProblem(error);
  }
}

/**
 * @param {Conversation} conversation
 * @param {HTMLElement} root
 * @param {StoredMessage[]} items
 * @param {string[]} chosen the two that stand side by side at first
 */
function open(conversation, root, items, chosen) {
  const dialog = /** @type {HTMLDialogElement} */ (copyOfTemplate("compare-template"));
  const columns = [...dialog.querySelectorAll("[data-column]")];
  for (const [index, column] of columns.entries()) {
    if (!(column instanceof HTMLElement)) continue;
    const choice = element("select", HTMLSelectElement, column);
    for (const [place, item] of items.entries()) choice.add(new Option(nameOf(item, place + 1, items.length), item.id));
    choice.value = chosen[index] ?? "";
    choice.addEventListener("change", () => show(column, items, choice.value));
    show(column, items, choice.value);
    element("[data-use]", HTMLButtonElement, column).addEventListener("click", () => {
      dialog.close();
      if (choice.value !== root.dataset["message"]) void conversation.switchTo(root, choice.value);
    });
  }
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {StoredMessage} item
 * @param {number} place
 * @param {number} count
 */
function nameOf(item, place, count) {
  const engine = page.engines?.find(({ id }) => id === item.run?.engine)?.name;
  const several = (page.engines?.length ?? 0) > 1;
  return text("place", { place, count }) + (engine && several ? ` · ${engine}` : "");
}

/**
 * @param {HTMLElement} column
 * @param {StoredMessage[]} items
 * @param {string} id
 */
function show(column, items, id) {
  const item = items.find((one) => one.id === id);
  const body = element("[data-version]", HTMLElement, column);
  body.scrollTop = 0;
  if (item?.author === "assistant") {
    body.className = "compare__version prose";
    new GrowingMarkdown(body).finish(item.text);
  } else {
    body.className = "compare__version compare__version--plain";
    body.textContent = item?.text ?? "";
    showBidiControls(body);
  }
}
