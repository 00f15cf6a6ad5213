import { GrowingMarkdown } from "./markdown/blocks.js";
import { copyFrom, copyOfTemplate, element, failure, page, text } from "./page.js";

const FINAL = new Set(["finished", "failed", "cancelled"]);

/** @param {RunState} state */
export function isFinal(state) {
  return FINAL.has(state);
}

/** One answer of the model on the page: what it says, how it came to it, and how it stands with its run. */
export class AnswerView {
  /** @type {RunState} */
  state = "queued";
  /** What the model wrote, to the byte. */
  source = "";
  /** What is shown is the beginning of an answer that is continued; its run tells it again. */
  #begun = false;
  #body;
  #markdown;
  #reasoning;
  #reasoningText;
  /** @type {number | null} when the model began to think, as `performance.now` counts */
  #thinkingSince = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  #thoughtTokens = 0;
  /** The reader has opened or folded the thoughts himself. */
  #reasoningTouched = false;

  /** @param {HTMLElement} root an element of the answer template */
  constructor(root) {
    this.root = root;
    this.#body = element("[data-body]", HTMLElement, root);
    this.#reasoning = element("[data-reasoning]", HTMLDetailsElement, root);
    this.#reasoningText = element("[data-reasoning-text]", HTMLElement, root);
    const stored = this.#body.textContent ?? "";
    this.#markdown = new GrowingMarkdown(this.#body);
    this.#body.classList.replace("answer__source", "prose");
    this.state = /** @type {RunState} */ (root.dataset["state"] ?? "queued");
    if (isFinal(this.state)) {
      this.source = stored;
      this.#end(stored);
    } else {
      if (stored) this.begin(stored);
      this.#showState();
    }
    element("summary", HTMLElement, this.#reasoning).addEventListener("click", () => (this.#reasoningTouched = true));
    const copy = element("[data-copy]", HTMLButtonElement, root);
    copy.addEventListener("click", () => void copyFrom(copy, this.source));
  }

  static blank() {
    return new AnswerView(copyOfTemplate("answer-template"));
  }

  get run() {
    return this.root.dataset["run"] ?? "";
  }

  /** Whose question it answers; the reader's own where nobody has said otherwise. */
  get isOwn() {
    const { person } = this.root.dataset;
    return !person || person === page.person;
  }

  /** @param {string} sentence why it has not begun */
  showWaiting(sentence) {
    if (this.state === "queued") this.#part("status-text").textContent = sentence;
  }

  get isFinal() {
    return isFinal(this.state);
  }

  /** @param {Asked} asked */
  name(asked) {
    this.root.dataset["message"] = asked.answer.id;
    this.root.dataset["parent"] = asked.answer.parent ?? "";
    this.root.dataset["run"] = asked.run.id;
    const engine = page.engines?.find((item) => item.id === asked.run.engine);
    if (engine) this.#part("engine-name").textContent = engine.name;
  }

  /** @param {string} beginning of an answer that is continued */
  begin(beginning) {
    this.#write(beginning);
    this.#begun = true;
  }

  /** @param {RunEvent} event */
  apply(event) {
    if (event.type === "state") this.#applyState(event);
    else if (event.type === "delta" && event.channel === "answer") this.#answer(event.text);
    else if (event.type === "delta") this.#think(event.text, event.tokens ?? 1);
    else if (event.type === "error") this.#failed(event);
    else if (event.type === "usage") this.#showUsage(event);
    else if (event.type === "step") this.#showStep(event);
  }

  /** @param {string} message */
  fail(message) {
    element("[data-error-text]", HTMLElement, this.root).textContent = message;
  }

  /** @param {ErrorEvent} event */
  #failed(event) {
    this.root.dataset["failure"] = event.code;
    this.fail(failure(event.code));
  }

  /** @param {StepEvent} event */
  #showStep(event) {
    const place = this.#part("steps");
    place.hidden = event.state === "done";
    if (event.name === "compact") place.textContent = text("compacting");
    else if (event.name === "read") place.textContent = text("readingPart", { part: event.part ?? 1, of: event.of ?? 1 });
    this.#part("status").hidden = !place.hidden || this.source !== "" || !this.#reasoning.hidden;
  }

  /** What a screen reader is told once the answer is there. */
  get spoken() {
    return this.#body.innerText.slice(0, 2_000);
  }

  /** @param {StateEvent} event */
  #applyState(event) {
    if (event.reset) this.#clear();
    this.state = event.state;
    this.root.dataset["state"] = event.state;
    if (event.finish_reason) this.root.dataset["finish"] = event.finish_reason;
    if (isFinal(event.state)) this.#end();
    else this.#showState();
  }

  #clear() {
    this.#clearText();
    this.#reasoningText.replaceChildren();
    this.#reasoning.hidden = true;
    this.#thoughtTokens = 0;
    this.#part("steps").hidden = true;
    this.#stopClock();
  }

  #clearText() {
    this.#begun = false;
    this.source = "";
    this.#markdown = new GrowingMarkdown(this.#body);
  }

  /** @param {string} piece */
  #answer(piece) {
    if (this.#begun) this.#clearText();
    this.#write(piece);
  }

  /** @param {string} piece */
  #write(piece) {
    this.#stopClock();
    this.source += piece;
    this.#markdown.append(piece);
    if (!isFinal(this.state)) this.#body.dataset["writing"] = "";
    this.#part("status").hidden = true;
  }

  /**
   * @param {string} piece
   * @param {number} tokens
   */
  #think(piece, tokens) {
    this.#thoughtTokens += tokens;
    this.#reasoning.hidden = false;
    this.#part("status").hidden = true;
    this.#reasoningText.append(this.#reasoningText.hasChildNodes() ? piece : piece.trimStart());
    if (this.#thinkingSince !== null) return;
    this.#thinkingSince = performance.now();
    this.root.dataset["thinking"] = "";
    if (!this.#reasoningTouched) this.#reasoning.open = true;
    this.#showThinking();
    this.#clock = setInterval(() => this.#showThinking(), 1000);
  }

  #showThinking() {
    const seconds = Math.round((performance.now() - (this.#thinkingSince ?? 0)) / 1000);
    this.#part("reasoning-label").textContent = text("thinking", { seconds, tokens: this.#tokens });
  }

  get #tokens() {
    return this.#thoughtTokens.toLocaleString(document.documentElement.lang);
  }

  #stopClock() {
    if (this.#thinkingSince === null) return;
    clearInterval(this.#clock);
    const seconds = Math.max(1, Math.round((performance.now() - this.#thinkingSince) / 1000));
    this.#part("reasoning-label").textContent = text("thought", { seconds, tokens: this.#tokens });
    this.#thinkingSince = null;
    delete this.root.dataset["thinking"];
    if (!this.#reasoningTouched) this.#reasoning.open = false;
  }

  /** @param {string} [rest] of what the model wrote */
  #end(rest) {
    this.#stopClock();
    this.#markdown.finish(rest);
    delete this.#body.dataset["writing"];
    this.#part("status").hidden = true;
    const isEmpty = this.state === "finished" && this.source === "";
    if (isEmpty) this.fail(text("noAnswer"));
    this.#part("error").hidden = this.state !== "failed" && !isEmpty;
    // Beside Retry it would be the same button twice.
    const again = this.root.querySelector("[data-again]");
    if (again instanceof HTMLElement) again.hidden = !this.#part("error").hidden;
    this.#showBreakingOff();
    this.#part("actions").hidden = false;
    this.#part("steps").hidden = true;
    const sent = this.root.querySelector("[data-sent]");
    if (sent instanceof HTMLElement) sent.hidden = this.run === "";
    this.#part("copy").hidden = this.source === "";
  }

  /** Why the answer ends before it is complete, and the way to go on. */
  #showBreakingOff() {
    const atLength = this.state === "finished" && this.root.dataset["finish"] === "length";
    const isPart = atLength || this.state === "cancelled" || this.state === "failed";
    this.#part("stopped").hidden = this.state !== "cancelled" && !atLength;
    this.#part("stopped-text").textContent = text(atLength ? "lengthReached" : "stopped");
    const go = this.root.querySelector("[data-continue]");
    if (go instanceof HTMLElement) go.hidden = !isPart || this.source === "";
    const otherwise = this.root.querySelector("[data-again-menu]");
    if (otherwise instanceof HTMLElement) otherwise.hidden = !this.#part("error").hidden;
  }

  #showState() {
    this.#part("actions").hidden = true;
    this.#part("error").hidden = true;
    this.#part("status").hidden = this.source !== "" || !this.#reasoning.hidden;
    this.#part("status-text").textContent = text(this.state === "queued" ? "queued" : "working");
  }

  /** @param {UsageEvent} event */
  #showUsage(event) {
    if (event.sent) {
      this.root.dataset["choices"] = (event.sent.choices ?? []).join(" ");
      this.root.dataset["needed"] = String(event.sent.tokens);
    }
    document.dispatchEvent(new CustomEvent("answer:usage", { detail: event }));
    // A stopped engine may not have counted.
    if (event.completion_tokens === 0) return;
    const count = event.completion_tokens.toLocaleString(document.documentElement.lang);
    this.#part("usage").textContent = text("tokens", { count });
  }

  /** @param {string} name */
  #part(name) {
    return element(`[data-${name}]`, HTMLElement, this.root);
  }
}
