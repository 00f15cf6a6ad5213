/** Moving a conversation to another workspace: what would be lost is said before. */

import { ApiError, get, post } from "./api.js";
import { announce, copyOfTemplate, element, page, text } from "./page.js";
import { refreshSide } from "./side-live.js";
import { toast } from "./toast.js";

/**
 * @typedef {{ id: string, name: string, department: string }} Target
 * @typedef {{ count: number, names: string[] }} People
 * @typedef {object} Moved
 * @property {string} conversation
 * @property {Target} source
 * @property {Target} target
 * @property {People} loses
 * @property {People} gains
 * @property {string[]} withdrawn
 * @property {string} closed
 * @property {number} files
 * @property {{ days_before: number | null, days_after: number | null, is_past: boolean }} kept
 * @property {string} engine_lost
 */

/**
 * @param {string} conversation
 * @param {string} title
 */
export async function openMoving(conversation, title) {
  if (document.querySelector("dialog[open]")) return;
  try {
    const found = await get(`/api/conversations/${conversation}/move`);
    new MovingDialog(conversation, title, found.items);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message);
  }
}

/** After the page of a conversation that was moved was loaded anew. */
export function offerUndo() {
  const stored = sessionStorage.getItem("moved");
  sessionStorage.removeItem("moved");
  if (stored) said(JSON.parse(stored));
}

class MovingDialog {
  #dialog = /** @type {HTMLDialogElement} */ (copyOfTemplate("move-dialog-template"));
  #target = element("[data-target]", HTMLSelectElement, this.#dialog);
  #effects = element("[data-effects]", HTMLElement, this.#dialog);
  #problem = element("[data-problem]", HTMLElement, this.#dialog);
  #go = element("[data-go]", HTMLButtonElement, this.#dialog);
  #asked = 0;
  #conversation;
  #title;

  /**
   * @param {string} conversation
   * @param {string} title
   * @param {Target[]} targets
   */
  constructor(conversation, title, targets) {
    this.#conversation = conversation;
    this.#title = title;
    for (const target of targets) this.#target.add(new Option(`${target.name} · ${target.department}`, target.id));
    element("[data-none]", HTMLElement, this.#dialog).hidden = targets.length > 0;
    element("[data-where]", HTMLElement, this.#dialog).hidden = targets.length === 0;
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
    element("[data-cancel]", HTMLButtonElement, this.#dialog).addEventListener("click", () => this.#dialog.close());
    this.#target.addEventListener("change", () => void this.#preview());
    element("[data-move]", HTMLFormElement, this.#dialog).addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#go.disabled) void this.#move();
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal();
  }

  get #path() {
    return `/api/conversations/${this.#conversation}/move`;
  }

  async #preview() {
    const asked = (this.#asked += 1);
    const target = this.#target.value;
    this.#go.disabled = true;
    this.#problem.hidden = true;
    this.#effects.replaceChildren();
    if (!target) return;
    try {
      const found = await post(`${this.#path}?dry_run=true`, { workspace: target });
      if (asked !== this.#asked) return;
      this.#effects.append(...effectsOf(found).map(item));
      this.#go.disabled = false;
    } catch (error) {
      if (asked === this.#asked) this.#say(error);
    }
  }

  async #move() {
    this.#go.disabled = true;
    try {
      /** @type {Moved} */
      const moved = await post(this.#path, { workspace: this.#target.value });
      this.#dialog.close();
      const told = { ...moved, title: this.#title };
      if (this.#conversation === page.conversation) {
        sessionStorage.setItem("moved", JSON.stringify(told));
        location.assign(`/c/${this.#conversation}/`);
        return;
      }
      await refreshSide();
      said(told);
    } catch (error) {
      this.#go.disabled = false;
      this.#say(error);
    }
  }

  /** @param {unknown} error */
  #say(error) {
    if (!(error instanceof ApiError)) throw error;
    this.#problem.textContent = error.message;
    this.#problem.hidden = false;
  }
}

/** @param {Moved & { title: string }} moved */
function said(moved) {
  toast(text("movedTo", { title: moved.title, workspace: moved.target.name }), {
    label: text("undo"),
    run: () => void back(moved),
  });
}

/** @param {Moved} moved */
async function back(moved) {
  try {
    await post(`/api/conversations/${moved.conversation}/move`, { workspace: moved.source.id, everyone: moved.closed });
    announce(text("undone"));
    if (moved.conversation === page.conversation) location.assign(`/c/${moved.conversation}/`);
    else await refreshSide();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message);
  }
}

/**
 * @param {Moved} moved
 * @returns {string[]}
 */
function effectsOf(moved) {
  const { loses, gains, kept } = moved;
  const told = [];
  if (loses.count) told.push(counted(loses, "moveLoses"));
  if (gains.count) told.push(counted(gains, "moveGains"));
  if (!loses.count && !gains.count) told.push(text("moveNothing"));
  if (moved.closed) told.push(text("moveClosed", { workspace: moved.source.name }));
  if (moved.withdrawn.length) {
    told.push(text("moveWithdrawn", { workspace: moved.target.name, names: listed(moved.withdrawn) }));
  }
  if (moved.files) told.push(text("moveFiles", { count: moved.files }));
  if (kept.days_after !== kept.days_before && kept.days_after !== null) {
    const names = { after: kept.days_after, before: kept.days_before ?? "" };
    told.push(text(kept.days_before === null ? "moveKeptShorter" : "moveKept", names));
  }
  if (kept.is_past) told.push(text("movePast"));
  if (moved.engine_lost) told.push(text("moveEngine", { name: moved.engine_lost }));
  return told;
}

/**
 * @param {People} people
 * @param {"moveLoses" | "moveGains"} name
 */
function counted(people, name) {
  const more = people.count > people.names.length ? "…" : "";
  return text(people.count === 1 ? `${name}One` : name, { count: people.count, names: listed(people.names) + more });
}

/** @param {string[]} names */
function listed(names) {
  return new Intl.ListFormat(document.documentElement.lang, { type: "unit" }).format(names);
}

/** @param {string} sentence */
function item(sentence) {
  const made = document.createElement("li");
  made.textContent = sentence;
  return made;
}
