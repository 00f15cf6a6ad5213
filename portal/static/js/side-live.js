import { ApiError, getFragment, send } from "./api.js";
import { element, page, text } from "./page.js";

const GATHER_MS = 120;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Fetch the side list anew, and leave the focus where it was. */
export async function refreshSide() {
  const list = element("#side-list", HTMLElement);
  const source = list.dataset["source"];
  // What somebody is writing a title for stays.
  if (!source || list.querySelector(".side__title")) return;
  try {
    const { fragment } = await getFragment(page.conversation ? `${source}?current=${page.conversation}` : source);
    const focused = document.activeElement?.closest("#side-list [data-conversation]");
    const kept = focused instanceof HTMLElement ? focused.dataset["conversation"] : undefined;
    list.replaceChildren(fragment);
    const again = kept ? list.querySelector(`[data-conversation="${CSS.escape(kept)}"] a`) : null;
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** @param {string} conversation whose title or place is new, or that is gone */
export function onChanged(conversation) {
  clearTimeout(timer);
  timer = setTimeout(() => void refreshSide(), GATHER_MS);
  if (conversation === page.conversation) void showTitle(conversation);
}

/** @param {string} title */
export function setTitle(title) {
  element("#title bdi, #title", HTMLElement).textContent = title;
  document.title = `${title} · ${text("product")}`;
}

/** @param {string} conversation the one that is shown */
async function showTitle(conversation) {
  try {
    const found = await send("GET", `/api/conversations/${conversation}`);
    setTitle(found.title);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) void import("./toast.js").then((toasts) => toasts.toast(text("gone")));
  }
}
