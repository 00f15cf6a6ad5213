/** The branch that is shown, as Markdown. */

import { get } from "./api.js";
import { branchQuery, element, page, text } from "./page.js";

/** @returns {Promise<string>} */
export async function transcript() {
  /** @type {StoredMessage[]} */
  let messages = [];
  let before = "";
  do {
    const path = `/api/conversations/${page.conversation}/messages?limit=100${before}${branchQuery()}`;
    /** @type {{ items: StoredMessage[], next: string | null }} */
    const part = await get(path);
    messages = [...part.items, ...messages];
    before = part.next ? `&before=${part.next}` : "";
  } while (before);
  const title = element("#title", HTMLElement).textContent?.trim() ?? "";
  const parts = messages.map((message) => {
    return `## ${message.author === "user" ? text("you") : text("model")}\n\n${message.text.trim()}\n`;
  });
  return [`# ${title}\n`, ...parts].join("\n");
}
