import { AnswerView } from "./answer.js";
import { ApiError, getFragment, post } from "./api.js";
import { showQuestion } from "./markdown/clean.js";
import { announce, branchQuery, copyOfTemplate, element, page, text } from "./page.js";
import { ScrollKeeper } from "./scroll.js";

/** @typedef {import("./socket.js").RunSocket} RunSocket */

/**
 * @typedef {object} Listeners
 * @property {(busy: boolean) => void} busy
 * @property {(error: ApiError | null, question?: string) => void} problem with the question that was not asked
 * @property {(conversation: ConversationSummary) => void} created
 * @property {(answer: AnswerView, choice: Partial<Effort>) => void} again the reader wants another answer
 */

/** The messages of the page, and the questions that are asked on it. */
export class Conversation {
  #list = element("#messages", HTMLElement);
  #scroll = new ScrollKeeper(this.#list);
  /** @type {Map<Element, AnswerView>} */
  #answers = new Map();
  /** @type {Set<AnswerView>} those that are being written, or wait; of the reader's own at most one */
  #writing = new Set();
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
    delete this.#list.dataset["unread"];
    this.#list.addEventListener("click", (event) => this.#onClick(event));
  }

  /** Nothing is being asked or answered on this page. */
  get isIdle() {
    return !this.#asking && this.#writing.size === 0;
  }

  get isAsking() {
    return this.#asking;
  }

  /** The reader's own question is being answered, or waits for that. */
  get isAnswering() {
    return this.#own !== undefined;
  }

  get #own() {
    return [...this.#writing].find((answer) => answer.isOwn);
  }

  /** Somebody may only look at this conversation, and turns its branches on his own page. */
  get isReadOnly() {
    return "readOnly" in this.#list.dataset;
  }

  /**
   * @param {string} question
   * @param {Effort} effort
   */
  async ask(question, effort) {
    const last = this.#list.lastElementChild;
    const parent = last instanceof HTMLElement && last.matches("[data-answer]") ? last.dataset["message"] : undefined;
    // Under what this page shows: the conversation may have gone on elsewhere meanwhile.
    const body = { text: question, ...effort, ...(parent ? { parent, ...(page.conversation && { or_end: true }) } : {}) };
    // Whoever has something to send along adds it.
    document.dispatchEvent(new CustomEvent("question:sending", { detail: { body } }));
    await this.#have({ question, send: () => this.#sendQuestion(body), given: question });
  }

  /**
   * Ask otherwise, on a branch beside the one that the question began.
   *
   * @param {HTMLElement} asked the question as it was
   * @param {string} question
   * @param {Effort} effort
   * @returns {Promise<boolean>} whether it was asked
   */
  edit(asked, question, effort) {
    const files = [...asked.querySelectorAll("[data-preview]")].map((file) => file.getAttribute("data-preview"));
    const body = { text: question, ...effort, parent: asked.dataset["parent"] || null, attachments: files };
    return this.#have({ instead: asked, question, send: () => this.#sendQuestion(body) });
  }

  /**
   * @param {AnswerView} answer
   * @param {Effort} effort
   */
  async regenerate(answer, effort) {
    await this.#have({ instead: answer.root, send: () => post(`${this.#pathOf(answer.root)}/regenerate`, effort) });
  }

  /** @param {AnswerView} answer one that broke off */
  async goOn(answer) {
    const send = () => post(`${this.#pathOf(answer.root)}/continue`);
    await this.#have({ instead: answer.root, beginning: answer.source, send });
  }

  /**
   * Ask for an answer, and show it at once where it will stand.
   *
   * @param {object} act
   * @param {() => Promise<Asked>} act.send
   * @param {HTMLElement} [act.instead] the message in whose place the new ones stand, and what is below it
   * @param {string} [act.question]
   * @param {string} [act.beginning] what of the answer stands already
   * @param {string} [act.given] what the composer gets back where it could not be asked
   * @returns {Promise<boolean>}
   */
  async #have({ send, instead, question, beginning, given }) {
    if (this.#asking || this.isAnswering) return false;
    if (instead && !this.isIdle) {
      this.#tell.problem(new ApiError(409, "still_answering", text("waitToSwitch")));
      return false;
    }
    this.#asking = true;
    this.#tell.problem(null);
    this.#tell.busy(true);
    const replaced = instead ? this.#takeOff(instead) : [];
    const asked = question === undefined ? null : this.#appendQuestion(question);
    const answer = this.#appendAnswer();
    if (beginning) answer.begin(beginning);
    try {
      const reply = await send();
      this.#key = { question: "", name: "" };
      for (const root of replaced) this.#answers.delete(root);
      this.#name(asked, answer, reply);
      const files = instead?.querySelector("[data-attached]");
      if (asked && files) element("[data-attached]", HTMLElement, asked).replaceWith(files.cloneNode(true));
      else if (asked) document.dispatchEvent(new CustomEvent("question:sent", { detail: { question: asked } }));
      if (!asked || !(await this.#showBetween(asked, answer, reply))) this.#follow(answer);
      return true;
    } catch (error) {
      asked?.remove();
      this.#forget(answer);
      this.#list.append(...replaced);
      this.#showWelcome(this.#list.childElementCount === 0);
      this.#tell.problem(apiErrorOr(error), given);
      return false;
    } finally {
      this.#asking = false;
      this.#tell.busy(this.isAnswering);
    }
  }

  /**
   * Others have asked meanwhile: what this page does not show yet stands above the question.
   *
   * @param {HTMLElement} asked
   * @param {AnswerView} answer
   * @param {Asked} reply
   * @returns {Promise<boolean>} whether all of it is shown now, the question included
   */
  async #showBetween(asked, answer, reply) {
    const above = asked.previousElementSibling;
    const last = above instanceof HTMLElement ? above.dataset["message"] : undefined;
    if (!last || !reply.message.parent || reply.message.parent === last || !above?.matches("[data-answer]")) return false;
    try {
      const { fragment, branch } = await getFragment(`/c/${page.conversation}/newer/?after=${last}`);
      if (branch === "changed") return false;
      asked.remove();
      this.#forget(answer);
      this.append(fragment, false);
      this.#scroll.toEnd();
      return true;
    } catch (error) {
      apiErrorOr(error);
      return false;
    }
  }

  /**
   * @param {HTMLElement | null} question
   * @param {AnswerView} answer
   * @param {Asked} reply
   */
  #name(question, answer, reply) {
    if (question) {
      question.dataset["message"] = reply.message.id;
      question.dataset["parent"] = reply.message.parent ?? "";
      this.#showSiblings(question, reply.message.siblings);
    }
    answer.name(reply);
    this.#showSiblings(answer.root, reply.answer.siblings);
    if (page.conversation) this.#leaveOtherBranch();
    else this.#begin(reply.conversation);
  }

  /**
   * @param {HTMLElement} root
   * @param {string[]} siblings
   */
  #showSiblings(root, siblings) {
    root.dataset["siblings"] = siblings.join(" ");
    if (siblings.length > 1) void import("./branches.js").then((branches) => branches.showPlace(root));
  }

  /** What is asked belongs to the branch that is the conversation's from now on. */
  #leaveOtherBranch() {
    if (!page.at) return;
    page.at = null;
    history.replaceState(null, "", `/c/${page.conversation}/`);
  }

  /** @param {HTMLElement} root */
  #pathOf(root) {
    return `/api/conversations/${page.conversation}/messages/${root.dataset["message"]}`;
  }

  /**
   * @param {HTMLElement} from
   * @returns {HTMLElement[]} it and what is below it, no longer on the page
   */
  #takeOff(from) {
    const all = /** @type {HTMLElement[]} */ ([...this.#list.children]);
    const below = all.slice(all.indexOf(from));
    for (const root of below) root.remove();
    return below;
  }

  /**
   * Show the branch that goes through another version of a message.
   *
   * @param {HTMLElement} from the version that is shown
   * @param {string} message
   * @returns {Promise<HTMLElement | null>} the version that is shown now
   */
  async switchTo(from, message) {
    if (!this.isIdle) {
      this.#tell.problem(new ApiError(409, "still_answering", text("waitToSwitch")));
      return null;
    }
    this.#asking = true;
    this.#tell.problem(null);
    try {
      await this.#turn(message);
      const above = from.previousElementSibling;
      const after = above instanceof HTMLElement ? above.dataset["message"] : from.dataset["message"];
      const { fragment, branch } = await getFragment(`/c/${page.conversation}/newer/?after=${after}${branchQuery()}`);
      return this.#exchange(from, fragment, branch === "changed", message);
    } catch (error) {
      this.#tell.problem(apiErrorOr(error));
      return null;
    } finally {
      this.#asking = false;
    }
  }

  /** @param {string} message */
  async #turn(message) {
    if (this.isReadOnly) {
      page.at = message;
      history.replaceState(null, "", `/c/${page.conversation}/?at=${message}`);
      return;
    }
    await post(`/api/conversations/${page.conversation}/head`, { message });
    this.#leaveOtherBranch();
  }

  /**
   * @param {HTMLElement} from
   * @param {DocumentFragment} fragment
   * @param {boolean} whole it replaces all that is shown
   * @param {string} message
   */
  #exchange(from, fragment, whole, message) {
    /** @type {HTMLElement | null} */
    let now = null;
    this.#scroll.exchanging(from, () => {
      const first = this.#list.firstElementChild;
      if (!whole) for (const root of this.#takeOff(from)) this.#answers.delete(root);
      else if (first instanceof HTMLElement) for (const root of this.#takeOff(first)) this.#answers.delete(root);
      const messages = [...fragment.children];
      this.#list.append(fragment);
      this.#adopt(messages);
      now = this.#list.querySelector(`:scope > [data-message="${message}"]`);
      return now;
    });
    return now;
  }

  /** @param {Element} root */
  answerAt(root) {
    return this.#answers.get(root);
  }

  async stop() {
    const run = this.#own?.run;
    if (!run) return;
    try {
      await post(`/api/runs/${run}/cancel`);
    } catch (error) {
      this.#tell.problem(apiErrorOr(error));
    }
  }

  /**
   * @param {{ text: string, parent?: string | null } & Effort} body
   * @returns {Promise<Asked>}
   */
  #sendQuestion(body) {
    const question = JSON.stringify(body);
    if (this.#key.question !== question) this.#key = { question, name: newKey() };
    const headers = { "Idempotency-Key": this.#key.name };
    if (page.conversation) return post(`/api/conversations/${page.conversation}/messages`, body, headers);
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
    showQuestion(place);
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
    element("#main", HTMLElement).toggleAttribute("data-empty", shown);
  }

  /** @param {AnswerView} answer */
  #follow(answer) {
    const asked = performance.now();
    this.#writing.add(answer);
    this.#tell.busy(this.isAnswering);
    this.#showTurns();
    this.#socket.follow(
      answer.run,
      0,
      (event) => {
        try {
          answer.apply(event);
        } finally {
          if (answer.isFinal) this.#ended(answer, asked);
        }
      },
      (refusal) => {
        answer.fail(refusal.message);
        answer.apply({ run: answer.run, seq: 0, type: "state", state: "failed", attempt: 0 });
        this.#ended(answer, asked);
      },
    );
  }

  /**
   * @param {AnswerView} answer
   * @param {number} asked when it was, as `performance.now` counts
   */
  #ended(answer, asked) {
    this.#socket.unfollow(answer.run);
    this.#writing.delete(answer);
    this.#tell.busy(this.isAnswering);
    this.#showTurns();
    const outcome = { finished: "answerReady", cancelled: "answerStopped" }[String(answer.state)] ?? "answerFailed";
    announce(`${text(outcome)} ${answer.state === "finished" ? answer.spoken : ""}`);
    const detail = { state: answer.state, own: answer.isOwn, milliseconds: performance.now() - asked };
    document.dispatchEvent(new CustomEvent("answer:ended", { detail }));
  }

  /** Say of each answer that has not begun for whose question it waits. */
  #showTurns() {
    const waiting = [...this.#list.children].flatMap((root) => {
      const answer = this.#answers.get(root);
      return answer && this.#writing.has(answer) ? [answer] : [];
    });
    waiting.forEach((answer, place) => {
      const before = waiting[place - 1];
      if (!before) return answer.showWaiting(text("queued"));
      const name = before.root.previousElementSibling?.querySelector("[data-who]")?.textContent ?? "";
      answer.showWaiting(before.isOwn ? text("waitsForYou") : text("waitsFor", { name }));
    });
  }

  /**
   * Make the server's markup live: render its answers, the newest first, and follow what is not finished.
   *
   * @param {Element[]} messages
   */
  #adopt(messages) {
    const others = messages.some((root) => root instanceof HTMLElement && isOfAnother(root));
    if (others) this.#list.toggleAttribute("data-several", true);
    for (const root of messages.toReversed()) {
      if (!(root instanceof HTMLElement)) continue;
      for (const question of root.querySelectorAll("[data-question]")) showQuestion(/** @type {HTMLElement} */ (question));
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
    if (!answer) return;
    if (event.target.closest("[data-continue]")) return void this.goOn(answer);
    const button = event.target.closest("[data-again], [data-retry], [data-choose]");
    if (!(button instanceof HTMLElement)) return;
    const { choose: context, engine } = button.dataset;
    this.#tell.again(answer, { ...(context && { context }), ...(engine && { engine }) });
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

/** @param {HTMLElement} root of a question */
function isOfAnother(root) {
  const { person } = root.dataset;
  return root.matches(".question") && person !== undefined && person !== "" && person !== page.person;
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
