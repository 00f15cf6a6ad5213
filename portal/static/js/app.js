import { ApiError } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { addressOf, codeSourceOf } from "./markdown/clean.js";
import { copyFrom, element, page, text } from "./page.js";
import { Side } from "./side.js";
import { RunSocket } from "./socket.js";

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

/** The module of drafts comes where this browser has one, or with the first word of one. */
function watchDrafts() {
  const field = element("#question", HTMLTextAreaElement);
  const start = () => import("./drafts.js").then((drafts) => drafts.keepDrafts(field, page));
  let stored = false;
  try {
    stored = Object.keys(localStorage).some((name) => name.startsWith("draft:"));
  } catch {
    // Storage is switched off.
  }
  if (stored) void start();
  else field.addEventListener("input", () => void start(), { once: true });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-sign-out]")) return;
  event.preventDefault();
  // Whatever becomes of the module, the person is signed out.
  void import("./drafts.js").then((drafts) => drafts.forgetDrafts()).finally(() => form.submit());
});

/**
 * What one does with the messages, and with their versions; its modules come with the first use.
 *
 * @param {Conversation} conversation
 * @param {Composer} composer
 */
function watchMessages(conversation, composer) {
  element("#messages", HTMLElement).addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const root = button?.closest("#messages > [data-message]");
    if (!button || !(root instanceof HTMLElement)) return;
    const { branch } = button.dataset;
    const answer = conversation.answerAt(root);
    if (branch) void import("./branches.js").then((module) => module.turn(conversation, root, Number(branch)));
    else if (button.matches("[data-edit]")) {
      void import("./edit.js").then((module) => module.edit(conversation, root, () => composer.thinking));
    } else if (button.matches("[data-compare]")) {
      void import("./compare.js").then((module) => module.compare(conversation, root, showProblem));
    } else if (button.matches("[data-again-menu]") && answer) {
      void import("./again.js").then((module) =>
        module.openMenu(button, composer.thinking, ({ thinking, engine }) => {
          void conversation.regenerate(answer, thinking, engine);
        }),
      );
    }
  });
  const quoting = () => import("./quote.js");
  document.addEventListener("selectionchange", () => {
    const offered = document.querySelector("[data-quote]");
    if (offered || !(getSelection()?.isCollapsed ?? true)) void quoting().then((module) => module.offer());
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyQ") return;
    event.preventDefault();
    void quoting().then((module) => module.quote());
  });
  const copy = element("#copy-branch", HTMLButtonElement);
  copy.addEventListener("click", () => void copyBranch(copy));
}

/** @param {HTMLButtonElement} button */
async function copyBranch(button) {
  const { transcript } = await import("./transcript.js");
  try {
    await copyFrom(button, await transcript());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showProblem(error);
  }
}

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
      element("#copy-branch", HTMLButtonElement).hidden = false;
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
  watchMessages(conversation, composer);
  watchDrafts();

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
