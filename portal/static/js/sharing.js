/** The dialog in which the owner of a conversation says who else may open it. */

import { ApiError, get, post, remove, send } from "./api.js";
import { announce, copyOfTemplate, element, page, text } from "./page.js";

/**
 * @typedef {"read" | "ask"} Access
 * @typedef {{ kind: string, id: string, name: string, access: Access, limits: string[] }} Share
 * @typedef {{ workspace: string, everyone: "" | Access, may_give: Access[], items: Share[] }} Sharing
 * @typedef {{ id: string, name: string, username: string, limits: string[] }} Candidate
 */

const WAIT_MS = 140;
const LIMITS = /** @type {Record<string, string>} */ ({
  workspace: "limitWorkspace",
  read: "limitRead",
  ask: "limitAsk",
  engine: "limitEngine",
});

/** @param {string | null} [conversation] the one that is shown, unless another one is named */
export async function openSharing(conversation = page.conversation) {
  if (!conversation || document.querySelector("dialog[open]")) return;
  try {
    new SharingDialog(conversation, await get(`/api/conversations/${conversation}/sharing`));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { toast } = await import("./toast.js");
    toast(error.message);
  }
}

class SharingDialog {
  #dialog = /** @type {HTMLDialogElement} */ (copyOfTemplate("share-dialog-template"));
  #everyone = element("[data-everyone]", HTMLSelectElement, this.#dialog);
  #find = element("#sharing-find", HTMLInputElement, this.#dialog);
  #access = element(".sharing__add [data-access]", HTMLSelectElement, this.#dialog);
  #found = element("#sharing-found", HTMLElement, this.#dialog);
  #list = element("[data-shares]", HTMLElement, this.#dialog);
  #problem = element("[data-problem]", HTMLElement, this.#dialog);
  /** @type {Candidate[]} */
  #people = [];
  #active = -1;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #path;
  #conversation;

  /**
   * @param {string} conversation
   * @param {Sharing} sharing
   */
  constructor(conversation, sharing) {
    this.#conversation = conversation;
    this.#path = `/api/conversations/${conversation}/sharing`;
    const { workspace } = sharing;
    for (const option of this.#everyone.options) {
      const { level } = option.dataset;
      if (level) option.textContent = text(level === "ask" ? "everyoneAsks" : "everyoneReads", { workspace });
    }
    this.#listen();
    this.#show(sharing);
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#find.focus();
  }

  #listen() {
    this.#dialog.addEventListener("close", () => {
      clearTimeout(this.#timer);
      this.#dialog.remove();
    });
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#everyone.addEventListener("change", () => {
      void this.#tried(() => send("PATCH", this.#path, { everyone: this.#everyone.value }));
    });
    this.#find.addEventListener("input", () => this.#search());
    this.#find.addEventListener("focus", () => this.#search());
    this.#find.addEventListener("blur", () => setTimeout(() => this.#close(), 150));
    this.#find.addEventListener("keydown", (event) => this.#onKey(event));
    this.#found.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option) this.#choose([...this.#found.children].indexOf(option));
    });
  }

  /** @param {Sharing} sharing */
  #show(sharing) {
    this.#everyone.value = sharing.everyone;
    for (const select of [this.#everyone, this.#access]) allow(select, sharing.may_give);
    /** @type {HTMLElement[]} */
    const rows = [fixed(text("shareOwner"), "")];
    if (sharing.everyone) rows.push(fixed(text("shareEveryoneRow", { workspace: sharing.workspace }), word(sharing.everyone)));
    rows.push(...sharing.items.map((share) => this.#row(share, sharing)));
    this.#list.replaceChildren(...rows);
    if (rows.length === 1) this.#list.append(fixed(text("shareNobody"), ""));
    if (this.#conversation === page.conversation) showState(Boolean(sharing.everyone || sharing.items.length));
  }

  /**
   * @param {Share} share
   * @param {Sharing} sharing
   */
  #row(share, sharing) {
    const row = copyOfTemplate("share-row-template");
    element("[data-name]", HTMLElement, row).textContent = share.name;
    element("[data-limits]", HTMLElement, row).textContent = inWords(share.limits);
    const select = element("[data-access]", HTMLSelectElement, row);
    const shown = element("[data-fixed]", HTMLElement, row);
    allow(select, sharing.may_give.includes(share.access) ? sharing.may_give : [...sharing.may_give, share.access]);
    select.value = share.access;
    // What a role or department has was given elsewhere; here it can be taken back.
    select.hidden = share.kind !== "person";
    shown.hidden = share.kind === "person";
    shown.textContent = word(share.access);
    select.addEventListener("change", () => {
      void this.#tried(() => post(`${this.#path}/people`, { person: share.id, access: select.value }));
    });
    const take = element("[data-take]", HTMLButtonElement, row);
    take.setAttribute("aria-label", text("takeBackFrom", { name: share.name }));
    take.addEventListener("click", () => void this.#take(share));
    return row;
  }

  /** @param {Share} share */
  async #take(share) {
    await this.#tried(async () => {
      await remove(`${this.#path}/${share.id}`);
      announce(text("takenBack", { name: share.name }));
      return get(this.#path);
    });
    this.#find.focus();
  }

  /** @param {() => Promise<Sharing>} work that gives what is shared then */
  async #tried(work) {
    this.#problem.hidden = true;
    try {
      this.#show(await work());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#problem.textContent = error.message;
      this.#problem.hidden = false;
    }
  }

  #search() {
    clearTimeout(this.#timer);
    const asked = (this.#asked += 1);
    this.#timer = setTimeout(async () => {
      const query = this.#find.value.trim();
      try {
        const found = await get(`${this.#path}/candidates?q=${encodeURIComponent(query)}`);
        if (asked === this.#asked && this.#dialog.open) this.#offer(found.items, query);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.#close();
      }
    }, WAIT_MS);
  }

  /**
   * @param {Candidate[]} people
   * @param {string} query
   */
  #offer(people, query) {
    this.#people = people;
    this.#found.replaceChildren(...people.map((person, at) => option(person, at)));
    if (!people.length) {
      if (query) announce(text("nobodyFound"));
      this.#found.append(query ? nothing(text("nobodyFound")) : "");
    }
    const any = people.length > 0 || query !== "";
    this.#found.hidden = !any;
    this.#find.ariaExpanded = String(any);
    this.#activate(people.length ? 0 : -1);
    if (query && people.length) announce(text("peopleFound", { count: people.length }));
  }

  /** @param {number} at */
  #activate(at) {
    const options = [...this.#found.querySelectorAll("[role=option]:not([aria-disabled])")];
    this.#active = options.length ? (at + options.length) % options.length : -1;
    options.forEach((item, place) => item.setAttribute("aria-selected", String(place === this.#active)));
    const active = options[this.#active];
    if (active) this.#find.setAttribute("aria-activedescendant", active.id);
    else this.#find.removeAttribute("aria-activedescendant");
    active?.scrollIntoView({ block: "nearest" });
  }

  #close() {
    this.#asked += 1;
    this.#found.hidden = true;
    this.#find.ariaExpanded = "false";
    this.#find.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return;
    const shown = !this.#found.hidden && this.#people.length > 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown) this.#activate(this.#active + step);
    else if (step) this.#search();
    else if (event.key === "Enter" && shown) this.#choose(this.#active);
    else if (event.key === "Escape" && !this.#found.hidden) this.#close();
    else return;
    event.preventDefault();
  }

  /** @param {number} at */
  #choose(at) {
    const person = this.#people[at];
    if (!person) return;
    this.#find.value = "";
    this.#close();
    void this.#tried(async () => {
      /** @type {Sharing} */
      const sharing = await post(`${this.#path}/people`, { person: person.id, access: this.#access.value });
      const made = sharing.items.find((share) => share.id === person.id);
      announce(`${text("sharedWith", { name: person.name })} ${inWords(made?.limits ?? [])}`);
      return sharing;
    });
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {Access[]} levels that can be given
 */
function allow(select, levels) {
  for (const item of select.options) {
    item.disabled = item.value !== "" && !levels.includes(/** @type {Access} */ (item.value)) && !item.selected;
  }
}

/**
 * @param {Candidate} person
 * @param {number} at
 */
function option(person, at) {
  const made = document.createElement("li");
  made.id = `sharing-found-${at}`;
  made.setAttribute("role", "option");
  const name = document.createElement("bdi");
  name.textContent = person.name;
  const more = document.createElement("small");
  more.textContent = inWords(person.limits) || (person.username === person.name ? "" : person.username);
  made.append(name, more);
  return made;
}

/** @param {string} sentence */
function nothing(sentence) {
  const made = document.createElement("li");
  made.className = "sharing__nobody";
  made.setAttribute("role", "option");
  made.setAttribute("aria-disabled", "true");
  made.textContent = sentence;
  return made;
}

/**
 * @param {string} who
 * @param {string} what
 */
function fixed(who, what) {
  const row = document.createElement("li");
  row.className = "sharing__row";
  const name = document.createElement("span");
  name.className = "sharing__who";
  name.textContent = who;
  const said = document.createElement("span");
  said.className = "sharing__fixed";
  said.textContent = what;
  row.append(name, said);
  return row;
}

/** @param {Access} access */
function word(access) {
  return text(access === "ask" ? "accessAsk" : "accessRead");
}

/** @param {string[]} limits */
function inWords(limits) {
  // Whoever cannot open it at all need not hear of the rest.
  const first = limits.find((limit) => limit === "workspace" || limit === "read") ?? limits[0];
  const name = first && LIMITS[first];
  return name ? text(name) : "";
}

/** @param {boolean} shared */
function showState(shared) {
  const button = document.querySelector("#share");
  if (!(button instanceof HTMLElement)) return;
  button.toggleAttribute("data-shared", shared);
  button.title = text(shared ? "shareShared" : "sharePrivate");
}
