/**
 * What somebody has begun to write stays in this browser, for this person and this conversation, until it is asked or
 * he signs out. It is never sent anywhere. (It imports nothing: the page that signs out loads it by itself.)
 */

const PREFIX = "draft:";
const PAUSE_MS = 250;

/**
 * Storage may be full or switched off: then a draft lasts for its page.
 *
 * @param {() => void} act
 */
function quietly(act) {
  try {
    act();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** @param {(name: string) => boolean} which */
function forget(which) {
  quietly(() => {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && which(name)) localStorage.removeItem(name);
    }
  });
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {PageData} page
 */
export function keepDrafts(field, page) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  const own = `${PREFIX}${page.person}:`;
  const key = () => `${own}${page.conversation ?? `new:${page.workspace}`}`;

  function keep() {
    clearTimeout(waiting);
    waiting = undefined;
    quietly(() => {
      if (field.value.trim()) localStorage.setItem(key(), field.value);
      else localStorage.removeItem(key());
    });
  }

  // After a pause, so that a long text is not stored at each key; but what was asked is gone at once.
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    if (field.value) waiting = setTimeout(keep, PAUSE_MS);
    else keep();
  });
  const last = () => waiting !== undefined && keep();
  addEventListener("pagehide", last);
  document.addEventListener("visibilitychange", last);

  // Somebody else's, whose session ended by itself.
  forget((name) => !name.startsWith(own));
  quietly(() => {
    const draft = localStorage.getItem(key());
    if (field.value) keep();
    if (!draft || field.value) return;
    field.value = draft;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

export function forgetDrafts() {
  const field = document.querySelector("#question");
  // Else the page would keep it once more as it goes.
  if (field instanceof HTMLTextAreaElement) field.value = "";
  forget(() => true);
}

document.addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement && event.target.matches("[data-sign-out]")) forgetDrafts();
});
