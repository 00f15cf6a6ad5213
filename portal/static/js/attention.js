import { appWorker } from "./app-worker.js";
import { page, text } from "./page.js";
import { wanted } from "./wanted.js";

/**
 * An answer is there while its reader looks elsewhere: the tab's title counts, and where he asked for it, a notification
 * tells of an answer that took long. It says nothing of what was asked or written.
 */

const LONG_MS = 10_000;

let count = 0;
/** @type {MutationObserver | undefined} */
let observer;

/** @param {EndedAnswer} ended */
export function answerEnded(ended) {
  count += 1;
  showCount();
  observer ??= watchTitle();
  if (ended.own && ended.state !== "cancelled" && ended.milliseconds >= LONG_MS) void notify(ended.state);
}

/** The title may change meanwhile: the model finds one for the conversation. */
function watchTitle() {
  const watching = new MutationObserver(showCount);
  watching.observe(document.head, { childList: true, subtree: true, characterData: true });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    count = 0;
    showCount();
  });
  return watching;
}

function showCount() {
  const plain = document.title.replace(/^\(\d+\) /, "");
  const counted = count ? `(${count}) ${plain}` : plain;
  if (document.title !== counted) document.title = counted;
}

/** @param {RunState} state */
async function notify(state) {
  const choice = wanted(page.person ?? "");
  if (!choice || !("Notification" in window) || Notification.permission !== "granted") return;
  const said = text(state === "failed" ? "answerFailed" : "notifyReady");
  const title = document.querySelector("#title")?.textContent ?? "";
  const address = page.conversation ? `/c/${page.conversation}/` : "/";
  const options = { tag: address, icon: iconAddress(), data: { address } };
  if (!(await appWorker())) return;
  const worker = await navigator.serviceWorker.ready;
  await worker.showNotification(said, choice === "title" && title ? { ...options, body: title } : options);
}

function iconAddress() {
  return document.querySelector("link[rel=apple-touch-icon]")?.getAttribute("href") ?? "";
}
