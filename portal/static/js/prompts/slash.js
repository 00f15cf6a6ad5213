/** Prompts by `/` at the start of the question (the combobox pattern of ARIA); the server filters them. */

import { ApiError, get } from "../api.js";
import { iconOf } from "../menu.js";
import { announce, page, text } from "../page.js";
import { insertPrompt } from "./insert.js";

const WAIT_MS = 120;
const SHOWN = 8;
/** One line, and no path: a second slash ends the search. */
const SEARCH = /^\/([^/\n]*)$/;
const ROLE = { role: "combobox", "aria-haspopup": "listbox", "aria-controls": "prompt-list", "aria-autocomplete": "list" };

/** @type {SlashList | null} */
let open = null;

/**
 * The field begins with a slash: offer what fits.
 *
 * @param {HTMLTextAreaElement} field
 */
export function offerPrompts(field) {
  if (!SEARCH.test(field.value)) return;
  open ??= new SlashList(field, () => (open = null));
}

class SlashList {
  #field;
  #onClosed;
  #list = document.createElement("div");
  /** @type {Map<Element, Prompt>} */
  #options = new Map();
  /** @type {Element | null} */
  #active = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asked = 0;
  #events = new AbortController();

  /**
   * @param {HTMLTextAreaElement} field
   * @param {() => void} onClosed
   */
  constructor(field, onClosed) {
    this.#field = field;
    this.#onClosed = onClosed;
    const list = this.#list;
    list.id = "prompt-list";
    list.className = "prompt-list palette__list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", text("prompts"));
    // The field keeps the focus.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("pointermove", (event) => this.#activate(optionAt(event) ?? this.#active));
    list.addEventListener("click", (event) => this.#choose(optionAt(event)));
    field.form?.append(list);
    const { signal } = this.#events;
    field.addEventListener("input", () => this.#onInput(), { signal });
    field.addEventListener("blur", () => this.#close(), { signal });
    // Before the composer sends with Enter, and the page stops an answer with Escape.
    field.form?.addEventListener("keydown", (event) => this.#onKey(event), { signal, capture: true });
    void this.#search();
  }

  #onInput() {
    clearTimeout(this.#timer);
    if (!SEARCH.test(this.#field.value)) return this.#close();
    this.#timer = setTimeout(() => void this.#search(), WAIT_MS);
  }

  async #search() {
    const words = (SEARCH.exec(this.#field.value)?.[1] ?? "").trim();
    const asked = (this.#asked += 1);
    const place = page.workspace ? `&workspace=${page.workspace}` : "";
    try {
      const found = await get(`/api/prompts?limit=${SHOWN}${place}&q=${encodeURIComponent(words)}`);
      if (asked === this.#asked && !this.#events.signal.aborted) this.#show(found.items, words);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#close();
    }
  }

  /**
   * @param {Prompt[]} found
   * @param {string} words
   */
  #show(found, words) {
    this.#options = new Map(found.map((prompt, number) => [optionOf(prompt, number), prompt]));
    this.#list.replaceChildren(...this.#options.keys());
    // Words that no prompt has are the beginning of a question.
    this.#list.hidden = !found.length && words !== "";
    if (!found.length && !words) this.#list.append(nothing());
    const shown = found.length > 0;
    for (const [name, value] of Object.entries(ROLE)) {
      if (shown) this.#field.setAttribute(name, value);
      else this.#field.removeAttribute(name);
    }
    this.#field.toggleAttribute("aria-expanded", false);
    if (shown) this.#field.setAttribute("aria-expanded", "true");
    this.#activate(this.#options.keys().next().value ?? null);
    announce(shown ? text("foundCount", { count: found.length }) : "");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing || this.#list.hidden) return;
    const all = [...this.#options.keys()];
    const at = this.#active ? all.indexOf(this.#active) : -1;
    if (event.key === "Escape") this.#close();
    else if (event.key === "ArrowDown" && all.length) this.#activate(all[(at + 1) % all.length] ?? null);
    else if (event.key === "ArrowUp" && all.length) this.#activate(all.at(at - 1) ?? null);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.#active) {
      this.#choose(this.#active);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Element | null} option */
  #activate(option) {
    this.#active?.setAttribute("aria-selected", "false");
    this.#active = option;
    if (option) this.#field.setAttribute("aria-activedescendant", option.id);
    else this.#field.removeAttribute("aria-activedescendant");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Element | null} option */
  #choose(option) {
    const prompt = option ? this.#options.get(option) : undefined;
    if (!prompt) return;
    this.#close();
    void insertPrompt(prompt, true);
  }

  #close() {
    this.#events.abort();
    clearTimeout(this.#timer);
    for (const name of [...Object.keys(ROLE), "aria-expanded", "aria-activedescendant"]) {
      this.#field.removeAttribute(name);
    }
    this.#list.remove();
    this.#onClosed();
  }
}

/** @param {Event} event */
function optionAt(event) {
  return event.target instanceof Element ? event.target.closest("[role=option]") : null;
}

/**
 * @param {Prompt} prompt
 * @param {number} number
 */
function optionOf(prompt, number) {
  const made = document.createElement("div");
  made.className = "palette__option";
  made.id = `prompt-option-${number}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  const said = document.createElement("span");
  const name = document.createElement("bdi");
  name.textContent = prompt.name;
  said.append(name);
  if (prompt.description) {
    const description = document.createElement("bdi");
    description.className = "palette__snippet";
    description.textContent = prompt.description;
    said.append(description);
  }
  const place = document.createElement("span");
  place.className = "palette__hint";
  place.textContent = placeOf(prompt);
  made.append(iconOf(prompt.workspace || prompt.department ? "talk" : "person"), said, place);
  return made;
}

/** @param {Prompt} prompt */
export function placeOf(prompt) {
  return prompt.workspace?.name ?? prompt.department?.name ?? text("promptOwn");
}

function nothing() {
  const made = document.createElement("p");
  made.className = "palette__nothing";
  const link = document.createElement("a");
  link.href = "/prompts/";
  link.textContent = text("promptMake");
  made.append(`${text("promptNone")} `, link);
  return made;
}
