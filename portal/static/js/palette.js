/** Conversations, messages, workspaces and commands by one line of text (the combobox pattern of ARIA). */

import { ApiError, send } from "./api.js";
import { iconOf } from "./menu.js";
import { announce, page, text } from "./page.js";

/**
 * @typedef {object} Option
 * @property {string} label
 * @property {string} [hint]
 * @property {{ text: string, hit: boolean }[]} [pieces] of the message that was found
 * @property {string} icon
 * @property {() => void} run
 *
 * @typedef {object} Group
 * @property {string} label
 * @property {Option[]} options
 */

const WAIT_MS = 140;
const SHOWN = 6;

/** Opens it; a second time does nothing. */
export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  new Palette();
}

class Palette {
  #dialog = document.createElement("dialog");
  #field = document.createElement("input");
  #list = document.createElement("div");
  /** @type {Map<Element, Option>} */
  #options = new Map();
  /** @type {Element | null} */
  #active = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** What is asked last counts, whatever comes back when. */
  #asked = 0;

  constructor() {
    this.#build();
    this.#show([]);
    this.#dialog.showModal();
    this.#field.focus();
  }

  #build() {
    this.#dialog.className = "palette";
    this.#dialog.setAttribute("aria-label", text("paletteLabel"));
    this.#list.id = "palette-list";
    this.#list.className = "palette__list";
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", text("results"));
    const field = this.#field;
    field.type = "text";
    field.className = "palette__field";
    field.maxLength = 200;
    field.placeholder = text("paletteHint");
    field.autocomplete = "off";
    field.spellcheck = false;
    field.dir = "auto";
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-label", text("paletteLabel"));
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", this.#list.id);
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("input", () => this.#onInput());
    field.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("pointermove", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option) this.#activate(option);
    });
    this.#list.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option) this.#run(option);
    });
    this.#dialog.append(field, this.#list);
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => {
      clearTimeout(this.#timer);
      this.#dialog.remove();
    });
    document.body.append(this.#dialog);
  }

  #onInput() {
    this.#show([]);
    clearTimeout(this.#timer);
    this.#asked += 1;
    const query = this.#field.value.trim();
    if (query) this.#timer = setTimeout(() => void this.#search(query, this.#asked), WAIT_MS);
  }

  /**
   * @param {string} query
   * @param {number} asked
   */
  async #search(query, asked) {
    try {
      const words = encodeURIComponent(query);
      const place = page.workspace ? `&workspace=${page.workspace}` : "";
      const [found, library] = await Promise.all([
        send("GET", `/api/search?q=${words}`),
        send("GET", `/api/prompts?limit=${SHOWN}${place}&q=${words}`),
      ]);
      if (asked === this.#asked) this.#show([...groupsOf(found), promptsIn(library.items)]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked === this.#asked) announce(error.message);
    }
  }

  /** @param {Group[]} found what the server has found; commands and workspaces are known here */
  #show(found) {
    const query = this.#field.value.trim();
    const groups = [...found, ...localGroups(query)].filter((group) => group.options.length);
    this.#options.clear();
    this.#list.replaceChildren(...groups.map((group, number) => this.#group(group, number)));
    if (!groups.length) this.#list.append(paragraph(text("nothingFound")));
    this.#activate(this.#options.keys().next().value ?? null);
    if (query) announce(text("foundCount", { count: this.#options.size }));
  }

  /**
   * @param {Group} group
   * @param {number} number
   */
  #group(group, number) {
    const made = document.createElement("div");
    made.setAttribute("role", "group");
    const heading = document.createElement("p");
    heading.className = "side__label";
    heading.id = `palette-group-${number}`;
    heading.textContent = group.label;
    heading.setAttribute("role", "presentation");
    made.setAttribute("aria-labelledby", heading.id);
    made.append(heading, ...group.options.map((option) => this.#option(option)));
    return made;
  }

  /** @param {Option} option */
  #option(option) {
    const made = document.createElement("div");
    made.className = "palette__option";
    made.id = `palette-option-${this.#options.size}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    const said = document.createElement("span");
    const label = document.createElement("bdi");
    label.textContent = option.label;
    said.append(label);
    if (option.pieces) said.append(snippetOf(option.pieces));
    made.append(iconOf(option.icon), said);
    if (option.hint) {
      const hint = document.createElement("span");
      hint.className = "palette__hint";
      hint.textContent = option.hint;
      made.append(hint);
    }
    this.#options.set(made, option);
    return made;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return;
    const all = [...this.#options.keys()];
    const at = this.#active ? all.indexOf(this.#active) : -1;
    if (event.key === "ArrowDown") this.#activate(all[(at + 1) % all.length] ?? null);
    else if (event.key === "ArrowUp") this.#activate(all.at(at - 1) ?? null);
    else if (event.key === "Enter" && this.#active) this.#run(this.#active);
    else return;
    event.preventDefault();
  }

  /** @param {Element | null} option */
  #activate(option) {
    this.#active?.setAttribute("aria-selected", "false");
    this.#active = option;
    this.#field.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Element} option */
  #run(option) {
    const chosen = this.#options.get(option);
    this.#dialog.close();
    chosen?.run();
  }
}

/**
 * @param {{ items: any[], conversations: any[] }} found
 * @returns {Group[]}
 */
function groupsOf(found) {
  return [
    {
      label: text("conversations"),
      options: found.conversations.slice(0, SHOWN).map((item) => ({
        label: item.title,
        hint: item.workspace_name,
        icon: "talk",
        run: go(`/c/${item.id}/`),
      })),
    },
    {
      label: text("messages"),
      options: found.items.slice(0, SHOWN).map((item) => ({
        label: item.title,
        hint: item.workspace_name,
        pieces: item.snippet,
        icon: "search",
        run: go(`/c/${item.conversation}/?message=${item.message}`),
      })),
    },
  ];
}

/**
 * @param {Prompt[]} found
 * @returns {Group}
 */
function promptsIn(found) {
  const options = found.map((prompt) => ({
    label: prompt.name,
    hint: prompt.workspace?.name ?? prompt.department?.name ?? text("promptOwn"),
    icon: "quote",
    run: page.workspace
      ? () => void import("./prompts/insert.js").then((module) => module.insertPrompt(prompt))
      : go("/prompts/"),
  }));
  return { label: text("prompts"), options };
}

/**
 * @param {string} query
 * @returns {Group[]}
 */
function localGroups(query) {
  const links = (/** @type {string} */ selector, /** @type {string} */ icon) =>
    [...document.querySelectorAll(selector)].flatMap((link) =>
      link instanceof HTMLAnchorElement ? [{ label: link.textContent.trim(), icon, run: go(link.href) }] : [],
    );
  const everything = `/search/?q=${encodeURIComponent(query)}`;
  const matching = (/** @type {Option[]} */ options) =>
    options.filter((option) => option.label.toLocaleLowerCase().includes(query.toLocaleLowerCase()));
  return [
    ...(query ? [] : [{ label: text("conversations"), options: links("#conversations a", "talk").slice(0, SHOWN) }]),
    { label: text("workspaces"), options: matching(links(".switcher__menu a", "menu")).slice(0, SHOWN) },
    {
      label: text("commands"),
      options: [
        ...(query ? [{ label: text("allResults", { query }), icon: "search", run: go(everything) }] : []),
        ...matching(commands()),
      ],
    },
  ];
}

/** @returns {Option[]} */
function commands() {
  const here = page.workspace ? `/w/${page.workspace}/` : "/";
  return [
    { label: text("newConversation"), icon: "new", run: go(here) },
    { label: text("searchPage"), icon: "search", run: go("/search/") },
    ...(page.workspace
      ? [
          { label: text("archivedPage"), icon: "archive", run: go(`${here}archived/`) },
          { label: text("deletedPage"), icon: "bin", run: go(`${here}deleted/`) },
        ]
      : []),
    { label: text("prompts"), icon: "quote", run: go("/prompts/") },
    { label: text("noticesPage"), icon: "bell", run: go("/notices/") },
    {
      label: text("switchTheme"),
      icon: "theme",
      run: () => {
        const button = document.querySelector("[data-theme-switch]");
        if (button instanceof HTMLElement) button.click();
      },
    },
    {
      label: text("shortcuts"),
      hint: "?",
      icon: "information",
      run: () => void import("./shortcuts.js").then((shortcuts) => shortcuts.showShortcuts()),
    },
  ];
}

/** @param {string} address */
function go(address) {
  return () => location.assign(address);
}

/** @param {{ text: string, hit: boolean }[]} pieces */
function snippetOf(pieces) {
  const made = document.createElement("span");
  made.className = "palette__snippet";
  made.dir = "auto";
  made.append(
    ...pieces.map((piece) => {
      if (!piece.hit) return piece.text;
      const mark = document.createElement("mark");
      mark.textContent = piece.text;
      return mark;
    }),
  );
  return made;
}

/** @param {string} sentence */
function paragraph(sentence) {
  const made = document.createElement("p");
  made.className = "palette__nothing";
  made.textContent = sentence;
  return made;
}
