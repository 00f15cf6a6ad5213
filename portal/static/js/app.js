import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { addressOf, codeSourceOf } from "./markdown/clean.js";
import { copyFrom, element, page, text } from "./page.js";
import { Side } from "./side.js";
import { RunSocket } from "./socket.js";

/** @typedef {import("./api.js").ApiError} ApiError */

/** A lost connection that comes back sooner is not worth a word. */
const QUIET_MS = 1_500;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let connectionTimer;

/** @param {boolean} connected */
function showConnection(connected) {
  const banner = element("#connection", HTMLElement);
  if (connected) {
    clearTimeout(connectionTimer);
    connectionTimer = undefined;
    banner.hidden = true;
    // What could not be sent while the network was away can be sent now.
    if (element("#problem", HTMLElement).dataset["code"] === "network") showProblem(null);
    return;
  }
  // Every attempt that fails says so again; the first one counts.
  connectionTimer ??= setTimeout(() => {
    element("span", HTMLElement, banner).textContent = text(navigator.onLine ? "reconnecting" : "offline");
    banner.hidden = false;
  }, QUIET_MS);
}

/** @param {ApiError | null} error */
function showProblem(error) {
  const banner = element("#problem", HTMLElement);
  banner.hidden = error === null;
  banner.dataset["code"] = error?.code ?? "";
  if (!error) return;
  element("span", HTMLElement, banner).textContent = error.message;
  element("[data-reload]", HTMLButtonElement, banner).hidden = !error.needsReload;
}

/** @param {Event} event that asks to open a link of an answer */
function openLink(event) {
  const link = event.target instanceof Element ? event.target.closest(".prose [role=link]") : null;
  const address = link ? addressOf(link) : undefined;
  if (!address) return;
  event.preventDefault();
  void import("./links.js").then((links) => links.confirmLink(address));
}

document.addEventListener("click", openLink);
document.addEventListener("auxclick", (event) => {
  if (event.button === 1) openLink(event);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.repeat) openLink(event);
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-dismiss]")) return;
  void import("./notices.js").then((notices) => notices.dismissNotice(event));
});
document.addEventListener("click", (event) => {
  const summary = event.target instanceof Element ? event.target.closest("[data-exports] > summary") : null;
  if (summary) void import("./exports.js").then((exports) => exports.prepare());
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy-code]") : null;
  const frame = button?.closest(".code-block");
  if (!(button instanceof HTMLButtonElement) || !frame) return;
  void copyFrom(button, codeSourceOf(frame));
});

/**
 * @param {Side} side
 * @returns {() => void} what Escape does, once nothing is open any more
 */
function startConversation(side) {
  const reload = element("#problem [data-reload]", HTMLButtonElement);
  reload.addEventListener("click", () => location.reload());
  const socket = new RunSocket(page.socketPath, showConnection);
  socket.onNotice = () => void import("./notices.js").then((notices) => notices.showNotices());
  const composer = new Composer(
    (question, thinking) => {
      composer.clear();
      void conversation.ask(question, thinking);
    },
    () => stop(),
  );
  const conversation = new Conversation(socket, {
    busy: (busy) => composer.setBusy(busy),
    problem: (error, question) => {
      showProblem(error);
      if (question) composer.restore(question);
    },
    created: (created) => {
      side.add(created);
      element("#title", HTMLElement).textContent = created.title;
      document.title = `${created.title} · ${text("product")}`;
      watchNews();
    },
    again: (answer) => {
      void conversation.regenerate(answer, composer.thinking);
      composer.focus();
    },
  });
  /** A conversation that has not begun has no news. */
  function watchNews() {
    void import("./catchup.js").then((news) => news.catchUp(conversation, socket, showProblem));
  }
  if (page.conversation) watchNews();

  function stop() {
    if (!conversation.isAnswering) return;
    composer.setStopping();
    void conversation.stop();
  }

  composer.setBusy(conversation.isAnswering);
  // On a touch screen the keyboard would cover half of the page.
  if (matchMedia("(hover: hover)").matches) composer.focus();
  return () => {
    stop();
    composer.focus();
  };
}

const side = new Side();
const onEscape = page.workspace ? startConversation(side) : () => {};

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (!side.close()) onEscape();
});
