/** The comments on one message: a panel beside the conversation, or over it where there is no room beside it. */

import { ApiError, get, post, send } from "./api.js";
import { markLink, showBidiControls } from "./markdown/clean.js";
import { watchMentions } from "./mentions.js";
import { announce, copyOfTemplate, element, page, text } from "./page.js";

/**
 * @typedef {object} Comment
 * @property {string} id
 * @property {{ id: string, name: string }} author
 * @property {string} text
 * @property {string} created_at
 * @property {string | null} edited_at
 * @property {{ id: string, name: string }[]} mentions
 * @property {boolean} may_change
 * @property {boolean} may_delete
 */

const ADDRESS = /\bhttps?:\/\/[^\s<>"'“”]+[^\s<>"'“”.,;:!?)\]]/gu;
const ABOUT = 160;

/** @type {Thread | null} */
let open = null;

/** @param {HTMLElement} root the message */
export function toggleThread(root) {
  const shown = open?.message === root.dataset["message"];
  open?.close();
  if (!shown && root.dataset["message"] && page.conversation) open = new Thread(root);
}

/**
 * Open it where a notice leads to a comment.
 *
 * @param {string} message
 */
export function openThread(message) {
  const root = document.querySelector(`#messages > [data-message="${CSS.escape(message)}"]`);
  if (root instanceof HTMLElement && open?.message !== message) toggleThread(root);
}

/** Somebody has written, changed or deleted one. */
export async function refreshComments() {
  try {
    const [found] = await Promise.all([get(`/api/conversations/${page.conversation}/comments`), open?.load()]);
    /** @type {Map<string, number>} */
    const counts = new Map(found.items.map((/** @type {any} */ item) => [item.message, item.count]));
    for (const root of document.querySelectorAll("#messages > [data-message]")) {
      if (root instanceof HTMLElement) showCount(root, counts.get(root.dataset["message"] ?? "") ?? 0);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) open?.close();
  }
}

/**
 * @param {HTMLElement} root
 * @param {number} count
 */
function showCount(root, count) {
  const button = root.querySelector("[data-comments]");
  if (!(button instanceof HTMLElement)) return;
  button.dataset["comments"] = String(count);
  element("[data-count]", HTMLElement, button).textContent = count ? String(count) : "";
}

class Thread {
  #panel = copyOfTemplate("thread-template");
  #list = element("[data-list]", HTMLElement, this.#panel);
  #form = element("[data-write]", HTMLFormElement, this.#panel);
  #field = element("textarea", HTMLTextAreaElement, this.#panel);
  #problem = element("[data-problem]", HTMLElement, this.#panel);
  #mentions;
  #root;
  /** @type {string | null} the comment that is being changed */
  #changing = null;
  #sending = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.message = root.dataset["message"] ?? "";
    const about = root.querySelector("[data-question], [data-body]")?.textContent?.trim() ?? "";
    element("[data-about]", HTMLElement, this.#panel).textContent =
      about.length > ABOUT ? `${about.slice(0, ABOUT)}…` : about;
    element("#workspace", HTMLElement).append(this.#panel);
    this.#mentions = watchMentions(this.#field);
    this.#listen();
    this.#mark(true);
    // On a touch screen the keyboard would cover what there is to read.
    if (matchMedia("(hover: hover)").matches) this.#field.focus();
    else this.#panel.focus();
    void this.load();
  }

  get #path() {
    return `/api/conversations/${page.conversation}`;
  }

  /** @param {boolean} shown */
  #mark(shown) {
    this.#root.toggleAttribute("data-commented", shown);
    this.#root.querySelector("[data-comments]")?.setAttribute("aria-expanded", String(shown));
  }

  #listen() {
    element("[data-close]", HTMLButtonElement, this.#panel).addEventListener("click", () => this.close());
    element("[data-cancel]", HTMLButtonElement, this.#form).addEventListener("click", () => this.#begin(null));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#panel.addEventListener("keydown", (event) => {
      if (event.isComposing || event.defaultPrevented) return;
      if (event.key === "Escape") {
        if (this.#changing) this.#begin(null);
        else this.close();
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === this.#field) {
        this.#form.requestSubmit();
      } else return;
      event.preventDefault();
    });
  }

  async load() {
    try {
      const found = await get(`${this.#path}/messages/${this.message}/comments`);
      this.#show(found.items);
    } catch (error) {
      this.#say(error);
    }
  }

  /** @param {Comment[]} comments */
  #show(comments) {
    const within = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...comments.map((comment) => this.#row(comment)));
    element("[data-empty]", HTMLElement, this.#panel).hidden = comments.length > 0;
    showCount(this.#root, comments.length);
    if (within) this.#panel.focus();
  }

  /** @param {Comment} comment */
  #row(comment) {
    const row = copyOfTemplate("comment-template");
    element("[data-author]", HTMLElement, row).textContent = comment.author.name;
    const time = element("[data-time]", HTMLTimeElement, row);
    time.dateTime = comment.created_at;
    const shape = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    time.textContent = shape.format(new Date(comment.created_at));
    element("[data-edited]", HTMLElement, row).hidden = comment.edited_at === null;
    const said = element("[data-text]", HTMLElement, row);
    said.append(...piecesOf(comment));
    showBidiControls(said);
    const change = element("[data-change]", HTMLButtonElement, row);
    change.hidden = !comment.may_change;
    change.addEventListener("click", () => this.#begin(comment));
    const remove = element("[data-delete]", HTMLButtonElement, row);
    remove.hidden = !comment.may_delete;
    remove.addEventListener("click", () => void this.#remove(comment, remove));
    remove.addEventListener("blur", () => this.#doubt(remove, false));
    return row;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {boolean} asks whether the next press deletes
   */
  #doubt(button, asks) {
    button.dataset["label"] ??= button.textContent ?? "";
    button.toggleAttribute("data-sure", asks);
    button.textContent = asks ? text("commentDelete") : button.dataset["label"];
    if (asks) announce(text("commentDelete"));
  }

  /** @param {Comment | null} comment that is changed from now on; none: a new one is written */
  #begin(comment) {
    this.#changing = comment?.id ?? null;
    this.#field.value = comment?.text ?? "";
    this.#mentions.know(/** @type {any} */ (comment?.mentions ?? []));
    element("[data-cancel]", HTMLButtonElement, this.#form).hidden = comment === null;
    element("[type=submit]", HTMLButtonElement, this.#form).textContent = text(comment ? "commentChange" : "commentWrite");
    this.#problem.hidden = true;
    this.#field.focus();
  }

  async #send() {
    const written = this.#field.value;
    if (this.#sending || !written.trim()) return;
    this.#sending = true;
    const body = { text: written, mentions: this.#mentions.namedIn(written) };
    try {
      if (this.#changing) await send("PATCH", `${this.#path}/comments/${this.#changing}`, body);
      else await post(`${this.#path}/messages/${this.message}/comments`, body);
      this.#begin(null);
      announce(text("commentWritten"));
      await this.load();
      this.#list.lastElementChild?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.#say(error);
    } finally {
      this.#sending = false;
    }
  }

  /**
   * @param {Comment} comment
   * @param {HTMLButtonElement} button
   */
  async #remove(comment, button) {
    if (!("sure" in button.dataset)) return this.#doubt(button, true);
    try {
      await send("DELETE", `${this.#path}/comments/${comment.id}`);
      announce(text("commentDeleted"));
      if (this.#changing === comment.id) this.#begin(null);
      await this.load();
      this.#panel.focus();
    } catch (error) {
      this.#say(error);
    }
  }

  /** @param {unknown} error */
  #say(error) {
    if (!(error instanceof ApiError)) throw error;
    this.#problem.textContent = error.message;
    this.#problem.hidden = false;
  }

  close() {
    this.#mark(false);
    this.#panel.remove();
    if (open === this) open = null;
    const button = this.#root.querySelector("[data-comments]");
    if (button instanceof HTMLElement) button.focus();
  }
}

/**
 * Plain text, in which addresses are links that say where they lead, and those who were told stand out.
 *
 * @param {Comment} comment
 * @returns {(Node | string)[]}
 */
function piecesOf(comment) {
  const names = comment.mentions.map((person) => `@${person.name}`).toSorted((one, other) => other.length - one.length);
  const named = names.map((name) => name.replace(/[.*+?^${}()|[\]\\/-]/gu, "\\$&"));
  const wanted = new RegExp([ADDRESS.source, ...named].join("|"), "gu");
  /** @type {(Node | string)[]} */
  const pieces = [];
  let from = 0;
  for (const found of comment.text.matchAll(wanted)) {
    pieces.push(comment.text.slice(from, found.index));
    pieces.push(names.includes(found[0]) ? mention(found[0]) : link(found[0]));
    from = found.index + found[0].length;
  }
  return [...pieces, comment.text.slice(from)];
}

/** @param {string} name */
function mention(name) {
  const made = document.createElement("strong");
  made.className = "mention";
  made.textContent = name;
  return made;
}

/** @param {string} address */
function link(address) {
  if (!URL.canParse(address)) return address;
  const made = document.createElement("a");
  made.textContent = address;
  made.href = address;
  markLink(made);
  return made;
}
