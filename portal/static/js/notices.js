import { ApiError, getFragment, post } from "./api.js";
import { element } from "./page.js";

/** Show what the person was told and has not dismissed. */
export async function showNotices() {
  try {
    const { fragment } = await getFragment("/notices/unseen/");
    element("#notices", HTMLElement).replaceChildren(fragment);
  } catch (error) {
    // The next page shows them.
    if (!(error instanceof ApiError)) throw error;
  }
}

/** @param {Event} event that may ask to dismiss a notice */
export async function dismissNotice(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-dismiss]") : null;
  const notice = button?.closest("[data-notice]");
  if (!(button instanceof HTMLButtonElement) || !(notice instanceof HTMLElement)) return;
  button.disabled = true;
  try {
    await post(`/api/notices/${notice.dataset["notice"]}/dismiss`);
    notice.remove();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    button.disabled = false;
  }
}
