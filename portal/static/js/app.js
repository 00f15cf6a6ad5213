import { catchUp } from "./catchup.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { addressOf, codeSourceOf } from "./markdown/clean.js";
import { copyFrom, element, page, text } from "./page.js";
import { Side } from "./side.js";
import { RunSocket } from "./socket.js";

/** @typedef {import("./api.js").ApiError} ApiError */

/** A lost connection that comes back sooner is not worth a word. */
const QUIET_MS = 1_500;

const connection = element("#connection", HTMLElement);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let connectionTimer;

/** @param {boolean} connected */
function showConnection(connected) {
  clearTimeout(connectionTimer);
  if (connected) {
    connection.hidden = true;
    return;
  }
  connectionTimer = setTimeout(() => {
    element("span", HTMLElement, connection).textContent = text(navigator.onLine ? "reconnecting" : "offline");
    connection.hidden = false;
  }, QUIET_MS);
}

const problem = element("#problem", HTMLElement);

/** @param {ApiError | null} error */
function showProblem(error) {
  problem.hidden = error === null;
  if (!error) return;
  element("span", HTMLElement, problem).textContent = error.message;
  element("[data-reload]", HTMLButtonElement, problem).hidden = !error.needsReload;
}

element("[data-reload]", HTMLButtonElement, problem).addEventListener("click", () => location.reload());

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
  const socket = new RunSocket(page.socketPath, showConnection);
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
    },
    again: (answer) => {
      void conversation.regenerate(answer, composer.thinking);
      composer.focus();
    },
  });
  catchUp(conversation, socket, showProblem);

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
