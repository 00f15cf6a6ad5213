import { ApiError, getFragment, post } from "./api.js";
import { element, page, text } from "./page.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

const MOST_LEAPS = 100;

/**
 * Go to a message, however far above it stands or in which branch, and mark it.
 *
 * @param {Conversation} conversation
 * @param {string} message
 */
export async function jumpTo(conversation, message) {
  try {
    const found = await reached(conversation, message);
    if (found) {
      show(found);
      return;
    }
    if (!new URLSearchParams(location.search).has("branch")) {
      // It stands in another branch, which is shown from now on.
      await post(`/api/conversations/${page.conversation}/branch`, { message });
      location.replace(`/c/${page.conversation}/?message=${encodeURIComponent(message)}&branch`);
      return;
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  const { toast } = await import("./toast.js");
  toast(text("notShown"));
}

/**
 * @param {Conversation} conversation
 * @param {string} message
 */
async function reached(conversation, message) {
  const older = element("#older", HTMLElement);
  const wanted = `#messages > [data-message="${CSS.escape(message)}"]`;
  for (let leap = 0; leap < MOST_LEAPS && !document.querySelector(wanted) && !older.hidden; leap += 1) {
    const first = document.querySelector("#messages > [data-message]")?.getAttribute("data-message");
    const { fragment, branch } = await getFragment(`/c/${page.conversation}/older/?far&before=${first}`);
    conversation.prepend(fragment);
    older.hidden = branch === "whole";
  }
  return document.querySelector(wanted);
}

/** @param {Element} message */
function show(message) {
  if (!(message instanceof HTMLElement)) return;
  message.tabIndex = -1;
  message.classList.add("is-found");
  message.scrollIntoView({ block: "center" });
  message.focus({ preventScroll: true });
  // At once, so that nothing that is drawn now pulls the reader back to the end.
  element("#scroller", HTMLElement).dispatchEvent(new Event("scroll"));
  history.replaceState(null, "", `/c/${page.conversation}/`);
}
