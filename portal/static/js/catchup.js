import { ApiError, getFragment } from "./api.js";
import { branchQuery, element, onNews, page } from "./page.js";

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./socket.js").RunSocket} RunSocket
 */

const LOOK_EVERY_MS = 15_000;
/** From this many messages on, those far from the reader are not laid out. */
const LONG = 60;

/**
 * Bring what the page does not show yet: older messages as the reader nears the first one, and now and then what was
 * asked in another tab or on another device.
 *
 * @param {Conversation} conversation
 * @param {RunSocket} socket
 * @param {(error: ApiError) => void} onProblem
 */
export function catchUp(conversation, socket, onProblem) {
  watchTheTop(conversation, onProblem);
  watchTheLength();
  let looking = false;
  let again = false;

  /** Where a look is under way, or a question, what is new may have come too late for it. */
  async function soon() {
    while (conversation.isAsking) await new Promise((resolve) => setTimeout(resolve, 100));
    if (looking) again = true;
    else await look(true);
  }

  async function look(told = false) {
    if ((document.hidden && !told) || looking || !page.conversation) return;
    looking = true;
    try {
      await lookForNews(conversation, socket);
    } catch (error) {
      // A lost connection has its own banner, and the next look may do better.
      if (!(error instanceof ApiError)) throw error;
      if (error.needsReload) onProblem(error);
    } finally {
      looking = false;
      if (again) {
        again = false;
        void soon();
      }
    }
  }

  onNews("messages", () => void soon());
  setInterval(() => void look(), LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", () => void look());
  addEventListener("focus", () => void look());
}

function watchTheLength() {
  const list = element("#messages", HTMLElement);
  const observer = new MutationObserver(look);
  observer.observe(list, { childList: true });

  function look() {
    if (list.childElementCount < LONG) return;
    observer.disconnect();
    void import("./rest.js").then((rest) => rest.letRest(list));
  }

  look();
}

/**
 * @param {Conversation} conversation
 * @param {RunSocket} socket
 */
async function lookForNews(conversation, socket) {
  const last = document.querySelector("#messages > :last-child");
  const message = last instanceof HTMLElement ? last.dataset["message"] : undefined;
  if (!message || !page.conversation) return;
  if (conversation.isAsking) return;
  const wasIdle = conversation.isIdle;
  const { fragment, branch } = await getFragment(`/c/${page.conversation}/newer/?after=${message}${branchQuery()}`);
  // The server says that the answer stands while this page still waits for it: the socket is dead without knowing.
  if (!wasIdle && branch === "settled" && !conversation.isIdle) socket.reconnect();
  // Asked on this page meanwhile, it shows more than the server knew.
  if (conversation.isAsking || last !== document.querySelector("#messages > :last-child")) return;
  if (!fragment.firstElementChild || (branch === "changed" && !conversation.isIdle)) return;
  conversation.append(fragment, branch === "changed");
}

/**
 * @param {Conversation} conversation
 * @param {(error: ApiError) => void} onProblem
 */
function watchTheTop(conversation, onProblem) {
  const mark = element("#older", HTMLElement);
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void load();
    },
    { root: element("#scroller", HTMLElement), rootMargin: "800px 0px 0px" },
  );

  async function load() {
    const first = document.querySelector("#messages > [data-message]");
    if (!(first instanceof HTMLElement) || !page.conversation) return;
    observer.unobserve(mark);
    try {
      const { fragment, branch } = await getFragment(
        `/c/${page.conversation}/older/?before=${first.dataset["message"]}${branchQuery()}`,
      );
      conversation.prepend(fragment);
      mark.hidden = branch === "whole";
      if (!mark.hidden) observer.observe(mark);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      onProblem(error);
    }
  }

  if (!mark.hidden) observer.observe(mark);
}
