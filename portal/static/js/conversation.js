import { AnswerView } from "./answer.js";
import { ApiError, post } from "./api.js";
import { showBidiControls } from "./markdown/clean.js";
import { announce, copyOfTemplate, element, page, text } from "./page.js";
import { ScrollKeeper } from "./scroll.js";

/** @typedef {import("./socket.js").RunSocket} RunSocket */

/**
 * @typedef {object} Listeners
 * @property {(busy: boolean) => void} busy
 * @property {(error: ApiError | null, question?: string) => void} problem with the question that was not asked
 * @property {(conversation: ConversationSummary) => void} created
 * @property {(answer: AnswerView) => void} again the reader wants another answer
 */

/** The messages of the page, and the questions that are asked on it. */
export class Conversation {
  #list = element("#messages", HTMLElement);
  #scroll = new ScrollKeeper(this.#list);
  /** @type {Map<Element, AnswerView>} */
  #answers = new Map();
  /** @type {AnswerView | null} the one that is being written */
  #current = null;
  #asking = false;
  /** The name of the question that is being sent, kept until it has arrived, so that sending it again asks once. */
  #key = { question: "", name: "" };
  #socket;
  #tell;

  /**
   * @param {RunSocket} socket
   * @param {Listeners} tell
   */
  constructor(socket, tell) {
    this.#socket = socket;
    this.#tell = tell;
    this.#adopt([...this.#list.children]);
    this.#scroll.toEnd();
    this.#list.addEventListener("click", (event) => this.#onClick(event));
  }

  /** Nothing is being asked or answered on this page. */
  get isIdle() {
    return !this.#asking && !this.isAnswering;
  }

  get isAnswering() {
    return this.#current !== null;
  }

  /**
   * @param {string} question
   * @param {Thinking} thinking
   */
  async ask(question, thinking) {
    if (!this.isIdle) return;
    this.#asking = true;
    this.#tell.problem(null);
    this.#tell.busy(true);
    const asked = this.#appendQuestion(question);
    const answer = this.#appendAnswer();
    try {
      const reply = await this.#sendQuestion(question, thinking);
      this.#key = { question: "", name: "" };
      asked.dataset["message"] = reply.message.id;
      document.dispatchEvent(new CustomEvent("question:sent", { detail: { question: asked } }));
      answer.name(reply);
      if (!page.conversation) this.#begin(reply.conversation);
      this.#follow(answer);
    } catch (error) {
      this.#takeBack(asked, answer);
      this.#tell.problem(apiErrorOr(error), question);
    } finally {
      this.#asking = false;
      this.#tell.busy(this.isAnswering);
    }
  }

  async stop() {
    const run = this.#current?.run;
    if (!run) return;
    try {
      await post(`/api/runs/${run}/cancel`);
    } catch (error) {
      this.#tell.problem(apiErrorOr(error));
    }
  }

  /**
   * @param {AnswerView} answer
   * @param {Thinking} thinking
   */
  async regenerate(answer, thinking) {
    if (!this.isIdle || !page.conversation) return;
    this.#asking = true;
    this.#tell.problem(null);
    this.#tell.busy(true);
    const path = `/api/conversations/${page.conversation}/messages/${answer.root.dataset["message"]}/regenerate`;
    try {
      const reply = /** @type {Asked} */ (await post(path, { thinking }));
      this.#forget(answer);
      const next = this.#appendAnswer();
      next.name(reply);
      this.#follow(next);
    } catch (error) {
      this.#tell.problem(apiErrorOr(error));
    } finally {
      this.#asking = false;
      this.#tell.busy(this.isAnswering);
    }
  }

  /**
   * @param {string} question
   * @param {Thinking} thinking
   * @returns {Promise<Asked>}
   */
  #sendQuestion(question, thinking) {
    /** @type {Record<string, unknown>} */
    const body = { text: question, thinking };
    // Whoever has something to send along adds it.
    document.dispatchEvent(new CustomEvent("question:sending", { detail: { body } }));
    const asked = JSON.stringify(body);
    if (this.#key.question !== asked) this.#key = { question: asked, name: newKey() };
    const headers = { "Idempotency-Key": this.#key.name };
    if (page.conversation) {
      return post(`/api/conversations/${page.conversation}/messages`, body, headers);
    }
    return post("/api/conversations", { workspace: page.workspace, ...body }, headers);
  }

  /** @param {ConversationSummary} conversation */
  #begin(conversation) {
    page.conversation = conversation.id;
    history.replaceState(null, "", `/c/${conversation.id}/`);
    this.#tell.created(conversation);
  }

  /** @param {string} question */
  #appendQuestion(question) {
    const root = copyOfTemplate("question-template");
    const place = element("[data-question]", HTMLElement, root);
    place.textContent = question.trim();
    showBidiControls(place);
    this.#list.append(root);
    this.#showWelcome(false);
    return root;
  }

  #appendAnswer() {
    const answer = AnswerView.blank();
    this.#answers.set(answer.root, answer);
    this.#list.append(answer.root);
    this.#scroll.toEnd();
    return answer;
  }

  /**
   * @param {HTMLElement} question
   * @param {AnswerView} answer
   */
  #takeBack(question, answer) {
    question.remove();
    this.#forget(answer);
    this.#showWelcome(this.#list.childElementCount === 0);
  }

  /** @param {AnswerView} answer */
  #forget(answer) {
    this.#answers.delete(answer.root);
    answer.root.remove();
  }

  /** @param {boolean} shown */
  #showWelcome(shown) {
    const welcome = document.querySelector("#welcome");
    if (welcome instanceof HTMLElement) welcome.hidden = !shown;
    this.#list.hidden = shown;
  }

  /** @param {AnswerView} answer */
  #follow(answer) {
    this.#current = answer;
    this.#tell.busy(true);
    this.#socket.follow(
      answer.run,
      0,
      (event) => {
        try {
          answer.apply(event);
        } finally {
          if (answer.isFinal) this.#ended(answer);
        }
      },
      (refusal) => {
        answer.fail(refusal.message);
        answer.apply({ run: answer.run, seq: 0, type: "state", state: "failed", attempt: 0 });
        this.#ended(answer);
      },
    );
  }

  /** @param {AnswerView} answer */
  #ended(answer) {
    this.#socket.unfollow(answer.run);
    if (this.#current === answer) this.#current = null;
    this.#tell.busy(this.isAnswering);
    const outcome = { finished: "answerReady", cancelled: "answerStopped" }[String(answer.state)] ?? "answerFailed";
    announce(`${text(outcome)} ${answer.state === "finished" ? answer.spoken : ""}`);
  }

  /**
   * Make the server's markup live: render its answers, the newest first, and follow what is not finished.
   *
   * @param {Element[]} messages
   */
  #adopt(messages) {
    for (const root of messages.toReversed()) {
      if (!(root instanceof HTMLElement)) continue;
      for (const question of root.querySelectorAll("[data-question]")) showBidiControls(question);
      if (!root.matches("[data-answer]")) continue;
      try {
        this.#adoptAnswer(root);
      } catch (error) {
        // One answer that cannot be shown is no reason to lose the others, and the composer.
        reportError(error);
      }
    }
  }

  /** @param {HTMLElement} root */
  #adoptAnswer(root) {
    const answer = new AnswerView(root);
    this.#answers.set(root, answer);
    if (!answer.isFinal) this.#follow(answer);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (!(event.target instanceof Element)) return;
    const root = event.target.closest("[data-answer]");
    const answer = root ? this.#answers.get(root) : undefined;
    if (!answer || !event.target.closest("[data-again], [data-retry]")) return;
    this.#tell.again(answer);
  }

  /**
   * @param {DocumentFragment} fragment older messages
   */
  prepend(fragment) {
    const messages = [...fragment.children];
    this.#scroll.holding(() => {
      this.#list.prepend(fragment);
      this.#adopt(messages);
    });
  }

  /**
   * @param {DocumentFragment} fragment messages of another tab or device
   * @param {boolean} changed they replace what is shown
   */
  append(fragment, changed) {
    const messages = [...fragment.children];
    if (changed) {
      this.#answers.clear();
      this.#list.replaceChildren();
    }
    this.#list.append(fragment);
    this.#adopt(messages);
  }
}

/** @returns {string} */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {unknown} error
 * @returns {ApiError}
 */
function apiErrorOr(error) {
  if (error instanceof ApiError) return error;
  throw error;
}
