import { ApiError, getFragment, post } from "./api.js";
import { branchQuery, element, page, text } from "./page.js";

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
      location.replace(await addressOf(message));
      return;
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  const { toast } = await import("./toast.js");
  toast(text("notShown"));
}

/**
 * The message stands in another branch, which is shown from now on; by who may not say what others see, on this page.
 *
 * @param {string} message
 */
async function addressOf(message) {
  const comments = new URLSearchParams(location.search).has("comments") ? "&comments" : "";
  const there = `/c/${page.conversation}/?message=${encodeURIComponent(message)}&branch${comments}`;
  try {
    await post(`/api/conversations/${page.conversation}/head`, { message });
    return there;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${there}&at=${encodeURIComponent(message)}`;
  }
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
    const { fragment, branch } = await getFragment(`/c/${page.conversation}/older/?far&before=${first}${branchQuery()}`);
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
