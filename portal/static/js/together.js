/** Who else has the conversation open, and who of them is writing. */

import { element, page, text } from "./page.js";

const TELL_EVERY_MS = 2_000;
/** Somebody who has told nothing for so long does not write any more. */
const FORGET_MS = 4_500;
const SHOWN = 4;

/** @type {Map<string, string>} the names of those who are here */
let names = new Map();
/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const typing = new Map();
let toldAt = 0;
let isWatching = false;

/**
 * @param {Event} event
 * @param {() => void} tellTyping
 */
export function showHere(event, tellTyping) {
  if (!(event instanceof CustomEvent)) return;
  /** @type {HereFrame} */
  const frame = event.detail;
  if (frame.conversation !== page.conversation) return;
  names = new Map(frame.people.map((person) => [person.id, person.name]));
  for (const person of typing.keys()) if (!names.has(person)) forget(person);
  showPeople(frame.people);
  if (isWatching) return;
  isWatching = true;
  document.addEventListener("conversation-typing", onTyping);
  document.addEventListener("conversation-news", (news) => {
    // What was being written may be there.
    if (news instanceof CustomEvent && news.detail.what === "messages") for (const person of typing.keys()) forget(person);
  });
  const field = element("#question", HTMLTextAreaElement);
  field.addEventListener("input", () => {
    // With nobody else here there is nobody to tell.
    if (names.size === 0 || field.value === "" || Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    tellTyping();
  });
}

/** @param {HereFrame["people"]} people */
function showPeople(people) {
  const list = element("#here", HTMLUListElement);
  const shown = people.length > SHOWN ? people.slice(0, SHOWN - 1) : people;
  const items = shown.map((person) => item(initials(person.name), person.name));
  const rest = people.slice(shown.length);
  if (rest.length) items.push(item(`+${rest.length}`, rest.map((person) => person.name).join(", ")));
  list.replaceChildren(...items);
  list.hidden = people.length === 0;
}

/**
 * @param {string} mark
 * @param {string} name
 */
function item(mark, name) {
  const place = document.createElement("li");
  const seen = document.createElement("span");
  const read = document.createElement("span");
  place.className = "here__person";
  place.title = name;
  seen.ariaHidden = "true";
  seen.textContent = mark;
  read.className = "visually-hidden";
  read.textContent = name;
  place.append(seen, read);
  return place;
}

/** @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  const marks = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return marks.map((word) => [...(word ?? "")][0] ?? "").join("").toLocaleUpperCase();
}

/** @param {Event} event */
function onTyping(event) {
  if (!(event instanceof CustomEvent) || event.detail.conversation !== page.conversation) return;
  const { person } = event.detail;
  if (!names.has(person)) return;
  clearTimeout(typing.get(person));
  typing.set(person, setTimeout(() => forget(person), FORGET_MS));
  showTyping();
}

/** @param {string} person */
function forget(person) {
  clearTimeout(typing.get(person));
  typing.delete(person);
  showTyping();
}

function showTyping() {
  const [name, other, more] = [...typing.keys()].map((person) => names.get(person) ?? "");
  let sentence = "";
  if (more !== undefined) sentence = text("typingMany");
  else if (other !== undefined) sentence = text("typingTwo", { name: name ?? "", other });
  else if (name !== undefined) sentence = text("typingOne", { name });
  const place = element("#typing", HTMLElement);
  // Said once, not with each key.
  if (place.textContent !== sentence) place.textContent = sentence;
}
