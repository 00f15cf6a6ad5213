/**
 * `@` in a box offers those who may read the conversation; the server searches them. What is chosen is written as text,
 * and named by its id where the box is sent: the server tells only whom it finds among the readers then.
 */

import { ApiError, get } from "./api.js";
import { announce, page, text } from "./page.js";

/** @typedef {{ id: string, name: string, username: string }} Person */

const WAIT_MS = 140;
const MOST = 20;
const LONGEST = 40;

let made = 0;

/** @type {WeakMap<HTMLTextAreaElement, Mentions>} */
const watched = new WeakMap();

/**
 * @param {HTMLTextAreaElement} field
 * @returns {Mentions}
 */
export function watchMentions(field) {
  const known = watched.get(field) ?? new Mentions(field);
  watched.set(field, known);
  return known;
}

/** The box of the question: whom it names is sent along with it. */
export function watchQuestion() {
  const field = document.querySelector("#question");
  if (!(field instanceof HTMLTextAreaElement) || watched.has(field)) return;
  const mentions = watchMentions(field);
  document.addEventListener("question:sending", (event) => {
    if (!(event instanceof CustomEvent)) return;
    const named = mentions.namedIn(event.detail.body.text);
    if (named.length && page.conversation) event.detail.body.mentions = named;
  });
  void mentions.look();
}

export class Mentions {
  #field;
  #list = document.createElement("ul");
  /** @type {Map<string, string>} ids by what was written */
  #chosen = new Map();
  /** @type {Person[]} */
  #people = [];
  #active = -1;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLTextAreaElement} field */
  constructor(field) {
    this.#field = field;
    this.#list.className = "mentions";
    this.#list.id = `mentions-${(made += 1)}`;
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", text("mentionList"));
    this.#list.hidden = true;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.#list.id);
    field.setAttribute("aria-haspopup", "listbox");
    field.before(this.#list);
    field.addEventListener("input", () => void this.look());
    field.addEventListener("blur", () => setTimeout(() => this.#close(), 150));
    // Before the box itself, which would send at Enter, and the page, which would stop the answer at Escape.
    document.addEventListener("keydown", (event) => this.#onKey(event), { capture: true });
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option) this.#choose([...this.#list.children].indexOf(option));
    });
  }

  /**
   * @param {string} written
   * @returns {string[]} the ids of those who were chosen and stand in the text still
   */
  namedIn(written) {
    const named = [...this.#chosen].filter(([name]) => written.includes(name)).map(([, id]) => id);
    return [...new Set(named)].slice(0, MOST);
  }

  /**
   * What a text names that is changed.
   *
   * @param {Person[]} people
   */
  know(people) {
    for (const person of people) this.#chosen.set(`@${person.name}`, person.id);
  }

  /** Offer people, where the caret stands behind an `@` and what may be the beginning of a name. */
  async look() {
    const begun = this.#begun();
    clearTimeout(this.#timer);
    const asked = (this.#asked += 1);
    if (begun === null || !page.conversation) return this.#close();
    await new Promise((resolve) => (this.#timer = setTimeout(resolve, WAIT_MS)));
    try {
      const found = await get(`/api/conversations/${page.conversation}/readers?q=${encodeURIComponent(begun)}`);
      if (asked === this.#asked) this.#show(found.items, begun);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#close();
    }
  }

  /** @returns {string | null} what stands between the `@` and the caret */
  #begun() {
    const before = this.#field.value.slice(0, this.#field.selectionStart);
    const found = /(?:^|[\s([{"'“„«])@([^\s@][^@\n]*|)$/u.exec(before);
    const begun = found?.[1] ?? null;
    // Two words at most: behind them it is a sentence that goes on.
    return begun === null || begun.length > LONGEST || begun.split(/\s+/u).length > 2 ? null : begun;
  }

  /**
   * @param {Person[]} people
   * @param {string} begun
   */
  #show(people, begun) {
    this.#people = people;
    if (!people.length) {
      if (begun) announce(text("mentionNobody"));
      return this.#close();
    }
    this.#list.replaceChildren(
      ...people.map((person, at) => {
        const option = document.createElement("li");
        option.id = `${this.#list.id}-${at}`;
        option.setAttribute("role", "option");
        const name = document.createElement("bdi");
        name.textContent = person.name;
        const account = document.createElement("small");
        account.textContent = person.username === person.name ? "" : person.username;
        option.append(name, account);
        return option;
      }),
    );
    this.#list.hidden = false;
    this.#activate(0);
    announce(text("peopleFound", { count: people.length }));
  }

  /** @param {number} at */
  #activate(at) {
    const options = [...this.#list.children];
    this.#active = (at + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#active)));
    const active = options[this.#active];
    if (active) this.#field.setAttribute("aria-activedescendant", active.id);
    active?.scrollIntoView({ block: "nearest" });
  }

  #close() {
    this.#list.hidden = true;
    this.#active = -1;
    this.#field.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.#field || this.#list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#activate(this.#active + step);
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#active);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} at */
  #choose(at) {
    const person = this.#people[at];
    const begun = this.#begun();
    if (!person || begun === null) return this.#close();
    const caret = this.#field.selectionStart;
    const name = `@${person.name}`;
    this.#field.setRangeText(`${name} `, caret - begun.length - 1, caret, "end");
    this.#chosen.set(name, person.id);
    this.#asked += 1;
    this.#close();
    this.#field.focus();
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
