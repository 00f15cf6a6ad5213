import { element, page, text } from "./page.js";

/** From this part of the limit on, the page counts. */
const COUNT_FROM = 0.9;

/** The box in which a question is written. */
export class Composer {
  #form = element("#composer", HTMLFormElement);
  #field = element("#question", HTMLTextAreaElement);
  #send = element("#send", HTMLButtonElement);
  #stop = element("#stop", HTMLButtonElement);
  #thinking = element("#thinking", HTMLButtonElement);
  #counter = element("#counter", HTMLElement);
  #busy = false;

  /**
   * @param {(question: string, effort: Effort) => void} onAsk
   * @param {() => void} onStop
   */
  constructor(onAsk, onStop) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#send.disabled || this.#busy) return;
      // Files that are not ready hold the question back.
      const ask = new CustomEvent("composer:ask", { bubbles: true, cancelable: true });
      if (this.#form.dispatchEvent(ask)) onAsk(this.#field.value, this.effort);
    });
    this.#field.addEventListener("input", () => this.#check());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#stop.addEventListener("click", onStop);
    this.#thinking.addEventListener("click", () => this.#openMenu("first"));
    this.#thinking.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.#openMenu(event.key === "ArrowUp" ? "last" : "first");
    });
    this.#check();
  }

  /** @returns {Effort} */
  get effort() {
    const thinking = /** @type {Thinking} */ (this.#thinking.dataset["thinking"]);
    return thinking === "budgeted" ? { thinking, budget: Number(this.#thinking.dataset["budget"]) } : { thinking };
  }

  /** @param {"first" | "last"} end where the focus goes unless something is chosen */
  #openMenu(end) {
    void import("./effort.js").then((effort) => effort.toggleMenu(this.#thinking, end));
  }

  get isEmpty() {
    return this.#field.value === "";
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  clear() {
    this.#set("");
  }

  /**
   * Give back a question that could not be asked, unless another one was begun.
   *
   * @param {string} question
   */
  restore(question) {
    if (this.isEmpty) this.#set(question);
  }

  /**
   * As if it were typed: the draft that is kept goes with it.
   *
   * @param {string} question
   */
  #set(question) {
    this.#field.value = question;
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {boolean} busy an answer is being written: the button stops it */
  setBusy(busy) {
    if (this.#busy === busy) return;
    this.#busy = busy;
    const hadFocus = document.activeElement === this.#stop || document.activeElement === this.#send;
    this.#send.hidden = busy;
    this.#stop.hidden = !busy;
    this.#stop.disabled = false;
    if (hadFocus) this.focus();
  }

  /** Stopping was asked for, and takes a moment. */
  setStopping() {
    if (document.activeElement === this.#stop) this.focus();
    this.#stop.disabled = true;
  }

  #check() {
    const limit = page.questionLimit;
    const written = this.#field.value;
    // The server counts characters, of which some are two units here.
    const length = written.length > limit * COUNT_FROM ? [...written].length : written.length;
    this.#counter.hidden = length <= limit * COUNT_FROM;
    this.#counter.toggleAttribute("data-over", length > limit);
    const language = document.documentElement.lang;
    this.#counter.textContent = text("counter", {
      length: length.toLocaleString(language),
      limit: limit.toLocaleString(language),
    });
    this.#send.disabled = written.trim() === "" || length > limit;
  }
}
