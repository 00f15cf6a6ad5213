/** Whether this browser tells a person of long answers: a choice for one browser, since its permission is one too. */

/** @typedef {"" | "plain" | "title"} Wanted nothing, without or with the conversation's title */

/**
 * @param {string} person
 * @returns {Wanted}
 */
export function wanted(person) {
  try {
    const stored = localStorage.getItem(`notify:${person}`);
    return stored === "plain" || stored === "title" ? stored : "";
  } catch {
    return "";
  }
}

/**
 * @param {string} person
 * @param {Wanted} choice
 */
export function want(person, choice) {
  if (choice) localStorage.setItem(`notify:${person}`, choice);
  else localStorage.removeItem(`notify:${person}`);
}
