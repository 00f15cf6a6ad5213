/**
 * The one socket of the tab. It is a doorbell: each followed run has a cursor, and whatever happens to the
 * connection, following again from the cursor brings every event once and in order.
 */

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;

/**
 * @typedef {object} Follower
 * @property {number} cursor the number of the last event that was handed on
 * @property {boolean} healing a gap was seen, and the missing events were asked for
 * @property {(event: RunEvent) => void} onEvent
 * @property {(refusal: Refusal) => void} onRefusal
 */

export class RunSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<string, Follower>} */
  #followers = new Map();
  /** The conversation that the tab shows. */
  #watched = "";
  #failures = 0;
  /** @type {() => void} what is done when the server has told the person something */
  onNotice = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #path;
  #onStatus;

  /**
   * @param {string} path
   * @param {(connected: boolean) => void} onStatus
   */
  constructor(path, onStatus) {
    this.#path = path;
    this.#onStatus = onStatus;
    addEventListener("online", () => this.reconnect());
    addEventListener("offline", () => this.#lose());
    addEventListener("pageshow", (event) => event.persisted && this.reconnect());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.#socket) this.reconnect();
    });
    this.#connect();
  }

  /**
   * @param {string} run
   * @param {number} after
   * @param {(event: RunEvent) => void} onEvent
   * @param {(refusal: Refusal) => void} onRefusal
   */
  follow(run, after, onEvent, onRefusal) {
    this.#followers.set(run, { cursor: after, healing: false, onEvent, onRefusal });
    this.#askFor(run);
  }

  /** @param {string} run */
  unfollow(run) {
    if (this.#followers.delete(run)) this.#send({ type: "unfollow", run });
  }

  /**
   * Hear at once of what is new in a conversation, in place of the one before: `conversation-news` on the document.
   *
   * @param {string} conversation
   */
  watch(conversation) {
    if (this.#watched && this.#watched !== conversation) this.#send({ type: "unwatch", conversation: this.#watched });
    this.#watched = conversation;
    this.#send({ type: "watch", conversation });
  }

  /** Tell the others in the conversation that the person writes. */
  tellTyping() {
    if (this.#watched) this.#send({ type: "typing", conversation: this.#watched });
  }

  /** Start again at once, whatever the state of the connection seems to be. */
  reconnect() {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#drop();
    this.#connect();
  }

  #connect() {
    const address = new URL(this.#path, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      const wasAway = this.#failures > 0;
      this.#failures = 0;
      this.#onStatus(true);
      for (const run of this.#followers.keys()) this.#askFor(run);
      if (!this.#watched) return;
      this.#send({ type: "watch", conversation: this.#watched });
      if (wasAway) this.#receive({ type: "news", conversation: this.#watched, what: "all" });
    });
    socket.addEventListener("message", (message) => this.#receive(JSON.parse(message.data)));
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.#lose();
    });
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #lose() {
    this.#drop();
    this.#onStatus(false);
    clearTimeout(this.#timer);
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), delay * (0.5 + Math.random()));
  }

  /** @param {string} run */
  #askFor(run) {
    const follower = this.#followers.get(run);
    if (follower) this.#send({ type: "follow", run, after: follower.cursor });
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {RunEvent | Refusal | NoticeFrame | ConversationFrame | WatchFrame} frame */
  #receive(frame) {
    if (frame.type === "notice") {
      this.onNotice();
      return;
    }
    if (frame.type === "conversation") {
      document.dispatchEvent(new CustomEvent("conversation-changed", { detail: frame.conversation }));
      return;
    }
    if (!("run" in frame)) {
      if (frame.type === "error" && frame.conversation !== this.#watched) return;
      if (frame.type === "error" && frame.code !== "unavailable") this.#watched = "";
      const name = frame.type === "error" ? "refused" : frame.type;
      document.dispatchEvent(new CustomEvent(`conversation-${name}`, { detail: frame }));
      return;
    }
    const follower = this.#followers.get(frame.run);
    if (!follower) return;
    if (!("seq" in frame)) {
      this.#followers.delete(frame.run);
      follower.onRefusal(frame);
      return;
    }
    if (frame.seq <= follower.cursor) return;
    if (frame.seq > follower.cursor + 1) {
      if (!follower.healing) this.#askFor(frame.run);
      follower.healing = true;
      return;
    }
    follower.cursor = frame.seq;
    follower.healing = false;
    follower.onEvent(frame);
  }
}
