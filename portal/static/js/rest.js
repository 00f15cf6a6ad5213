import { element } from "./page.js";

/**
 * In a long conversation what is far from the reader is not laid out. It stays in the page, so that the browser's search,
 * jumps, printing and screen readers find it where it stands; its height is measured first, so that nothing moves.
 */

/** Measuring waits until the page has been quiet for so long. */
const QUIET_MS = 400;

/** @param {HTMLElement} list */
export function letRest(list) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let width = list.clientWidth;

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => requestIdleCallback(() => rest(list)), QUIET_MS);
  }

  new MutationObserver(soon).observe(list, { childList: true });
  new ResizeObserver(() => {
    if (list.clientWidth === width) return;
    width = list.clientWidth;
    // What was measured counts for the old width.
    for (const message of list.querySelectorAll(":scope > .is-resting")) message.classList.remove("is-resting");
    soon();
  }).observe(element("#scroller", HTMLElement));
  soon();
}

/** @param {HTMLElement} list */
function rest(list) {
  const awake = [...list.querySelectorAll(":scope > li:not(.is-resting)")].filter(isSettled);
  const heights = awake.map((message) => message.getBoundingClientRect().height);
  awake.forEach((message, index) => {
    if (!(message instanceof HTMLElement)) return;
    message.style.containIntrinsicBlockSize = `auto ${heights[index]}px`;
    message.classList.add("is-resting");
  });
}

/** @param {Element} message */
function isSettled(message) {
  return message.querySelector(":scope > [data-writing]") === null && message.getAttribute("data-state") !== "running";
}
