import { ApiError, getFragment } from "./api.js";
import { copyOfTemplate, element, text } from "./page.js";

/** The side list: on small screens a drawer; its conversations come page by page. */
export class Side {
  #workspace = element("#workspace", HTMLElement);
  #side = element("#side", HTMLElement);
  #opener = element("#open-side", HTMLButtonElement);
  // Its parts are replaced when the list comes anew.
  #list = element("#side-list", HTMLElement);

  constructor() {
    this.#opener.addEventListener("click", () => this.#setOpen(true));
    element("#close-side", HTMLButtonElement).addEventListener("click", () => this.close());
    this.#workspace.addEventListener("click", (event) => {
      if (this.isOpen && event.target === this.#workspace) this.close();
    });
    this.#list.addEventListener("click", (event) => {
      const more = event.target instanceof Element ? event.target.closest("[data-more]") : null;
      if (more instanceof HTMLButtonElement) void this.#loadMore(more);
    });
    // A folder's conversations come when it is opened for the first time; `toggle` does not bubble.
    this.#list.addEventListener(
      "toggle",
      (event) => {
        const folder = event.target;
        if (folder instanceof HTMLDetailsElement && folder.open) void this.#fill(folder);
      },
      true,
    );
    document.addEventListener("click", (event) => {
      for (const menu of document.querySelectorAll("details.switcher[open]")) {
        if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute("open");
      }
    });
  }

  get isOpen() {
    return this.#workspace.dataset["drawer"] === "open";
  }

  /** @returns {boolean} whether there was something to close */
  close() {
    const menu = this.#side.querySelector("details.switcher[open]");
    if (menu instanceof HTMLDetailsElement) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      return true;
    }
    if (!this.isOpen) return false;
    this.#setOpen(false);
    return true;
  }

  /** @param {ConversationSummary} conversation new, and shown on this page */
  add(conversation) {
    for (const current of this.#list.querySelectorAll("[aria-current]")) current.removeAttribute("aria-current");
    const item = copyOfTemplate("conversation-template");
    item.dataset["conversation"] = conversation.id;
    item.dataset["own"] = "";
    const link = element("a", HTMLAnchorElement, item);
    link.href = `/c/${conversation.id}/`;
    element("bdi", HTMLElement, link).textContent = conversation.title;
    element("#conversations", HTMLElement).prepend(item);
    element("#no-conversations", HTMLElement).hidden = true;
  }

  /** @param {boolean} open */
  #setOpen(open) {
    if (open) this.#workspace.dataset["drawer"] = "open";
    else delete this.#workspace.dataset["drawer"];
    this.#opener.ariaExpanded = String(open);
    element("#main", HTMLElement).inert = open;
    if (open) element("#close-side", HTMLButtonElement).focus();
    else this.#opener.focus();
  }

  /** @param {HTMLDetailsElement} folder */
  async #fill(folder) {
    const list = element("ul", HTMLElement, folder);
    if (list.childElementCount || !folder.dataset["load"]) return;
    try {
      const { fragment } = await getFragment(folder.dataset["load"]);
      list.replaceChildren(fragment);
      element("p", HTMLElement, folder).hidden = list.childElementCount > 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      folder.open = false;
    }
  }

  /** @param {HTMLButtonElement} button stands in the list's last item */
  async #loadMore(button) {
    button.disabled = true;
    try {
      const { fragment } = await getFragment(button.dataset["more"] ?? "");
      const first = fragment.querySelector("a");
      button.closest("li")?.replaceWith(fragment);
      first?.focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      button.disabled = false;
      button.textContent = text("tryAgain");
    }
  }
}
