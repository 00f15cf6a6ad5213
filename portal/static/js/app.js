import { ApiError } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { addressOf, codeSourceOf } from "./markdown/clean.js";
import { copyFrom, dialogIsOpen, element, onNews, page, text } from "./page.js";
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
  element("[data-choices]", HTMLElement, banner).hidden = true;
  if (!error) return;
  element("span", HTMLElement, banner).textContent = error.message;
  element("[data-reload]", HTMLButtonElement, banner).hidden = !error.needsReload;
}

/** @param {Event} event that asks to open a link of an answer */
function openLink(event) {
  const link = event.target instanceof Element ? event.target.closest(".prose [role=link], .comment [role=link]") : null;
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

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const now = target?.closest("[data-answer-now]");
  if (now instanceof HTMLButtonElement) void import("./effort.js").then((effort) => effort.answerNow(now, showProblem));
  const engines = target?.closest("[data-choose-engine]");
  if (engines instanceof HTMLButtonElement) void import("./choices.js").then((choices) => choices.offerEngines(engines));
});
document.addEventListener(
  "toggle",
  (event) => {
    const panel = event.target;
    if (!(panel instanceof HTMLDetailsElement) || !panel.open || !panel.matches("[data-sent]")) return;
    void import("./sent.js").then((sent) => sent.showSent(panel));
  },
  true,
);

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
    if (button.matches("[data-comments]")) {
      void import("./comments.js").then((module) => module.toggleThread(root));
      return;
    }
    const answer = conversation.answerAt(root);
    if (branch) void import("./branches.js").then((module) => module.turn(conversation, root, Number(branch)));
    else if (button.matches("[data-edit]")) {
      void import("./edit.js").then((module) => module.edit(conversation, root, () => composer.effort));
    } else if (button.matches("[data-compare]")) {
      void import("./compare.js").then((module) => module.compare(conversation, root, showProblem));
    } else if (button.matches("[data-again-menu]") && answer) {
      void import("./again.js").then((module) =>
        module.openMenu(button, composer.effort, (choice) => {
          void conversation.regenerate(answer, choice);
        }),
      );
    }
  });
  let mayBeOffered = false;
  const quoting = () => import("./quote.js");
  document.addEventListener("selectionchange", () => {
    const isSelected = !(getSelection()?.isCollapsed ?? true);
    if (mayBeOffered || isSelected) void quoting().then((module) => module.offer());
    mayBeOffered = isSelected;
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

/** Prompts and first questions; nothing of them is sent by itself. */
function watchPrompts() {
  const field = element("#question", HTMLTextAreaElement);
  field.addEventListener("input", () => {
    if (field.value.startsWith("/")) void import("./prompts/slash.js").then((slash) => slash.offerPrompts(field));
  });
  document.addEventListener("click", (event) => {
    const card = event.target instanceof Element ? event.target.closest("[data-first-question]") : null;
    if (card) void import("./prompts/insert.js").then((module) => module.insertText(card.textContent.trim(), true));
  });
  const wanted = new URLSearchParams(location.search).get("prompt");
  if (!wanted) return;
  history.replaceState(history.state, "", location.pathname);
  void import("./prompts/insert.js").then((module) => module.insertById(wanted)).catch(showIfKnown);
}

/** @param {unknown} error */
function showIfKnown(error) {
  if (!(error instanceof ApiError)) throw error;
  showProblem(error);
}

/** Sharing, mentions and comments; their modules come with the first use. */
function watchOthers() {
  document.querySelector("#share")?.addEventListener("click", () => {
    void import("./sharing.js").then((sharing) => sharing.openSharing());
  });
  element("#question", HTMLElement).addEventListener("input", (event) => {
    if (!(event instanceof InputEvent) || event.data !== "@") return;
    void import("./mentions.js").then((mentions) => mentions.watchQuestion());
  });
  onNews("comments", () => void import("./comments.js").then((comments) => comments.refreshComments()));
}

/** An empty meter needs no module: the first word, or a look at it, is soon enough. */
function watchMeter() {
  const start = () => void import("./meter.js").then((meter) => meter.startMeter());
  if (page.conversation) return start();
  const meter = document.querySelector("#meter");
  const events = new AbortController();
  for (const [target, name] of /** @type {const} */ ([[element("#question", HTMLElement), "input"], [meter, "toggle"]])) {
    target?.addEventListener(name, () => (events.abort(), start()), { signal: events.signal });
  }
}

/** @param {File[]} files brought by the button, dropped or pasted */
function takeFiles(files) {
  const composer = document.querySelector("#composer");
  if (!files.length || !(composer instanceof HTMLElement) || composer.hidden) return false;
  void import("./attachments.js").then((attachments) => attachments.addFiles(files));
  return true;
}

const picker = document.querySelector("#files");
if (picker instanceof HTMLInputElement) {
  picker.addEventListener("change", () => {
    takeFiles([...(picker.files ?? [])]);
    picker.value = "";
  });
}
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-attach]") && picker instanceof HTMLInputElement) picker.click();
  const shown = event.target.closest("[data-preview]");
  if (!(shown instanceof HTMLElement)) return;
  void import("./preview.js").then((preview) => preview.showPreview(shown.dataset["preview"] ?? ""));
});
document.addEventListener("paste", (event) => {
  if (takeFiles([...(event.clipboardData?.files ?? [])])) event.preventDefault();
});
for (const kind of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // A file that is dropped beside the box must not replace the page.
    event.preventDefault();
    const leaves = kind === "dragleave" && event.relatedTarget !== null;
    document.body.toggleAttribute("data-dropping", kind === "dragover" || leaves);
    if (kind === "drop") takeFiles([...event.dataTransfer.files]);
  });
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
    (question, effort) => {
      composer.clear();
      void conversation.ask(question, effort);
    },
    () => stop(),
  );
  const conversation = new Conversation(socket, {
    busy: (busy) => composer.setBusy(busy),
    problem: (error, question) => {
      showProblem(error);
      if (question) composer.restore(question);
      if (question && error?.code === "context_too_long") offer(error, question);
    },
    created: (created) => {
      side.add(created);
      element("#title", HTMLElement).textContent = created.title;
      document.title = `${created.title} · ${text("product")}`;
      element("#copy-branch", HTMLButtonElement).hidden = false;
      watchNews();
    },
    again: (answer, choice) => {
      void conversation.regenerate(answer, { ...composer.effort, ...choice });
      composer.focus();
    },
  });
  /** A conversation that has not begun has no news. */
  function watchNews() {
    if (page.conversation) socket.watch(page.conversation);
    void import("./catchup.js").then((news) => news.catchUp(conversation, socket, showProblem));
  }
  onNews("title", () => document.dispatchEvent(new CustomEvent("conversation-changed", { detail: page.conversation })));
  document.addEventListener("conversation-refused", () => showProblem(new ApiError(404, "gone", text("gone"))));
  document.addEventListener("conversation-here", (event) => {
    void import("./together.js").then((together) => together.showHere(event, () => socket.tellTyping()));
  });
  const wanted = new URLSearchParams(location.search).get("message");
  if (page.conversation && wanted) {
    // The message first: both of them load what stands above.
    const comments = new URLSearchParams(location.search).has("comments");
    void import("./jump.js")
      .then((jump) => jump.jumpTo(conversation, wanted))
      .finally(watchNews)
      .then(() => {
        if (comments) void import("./comments.js").then((module) => module.openThread(wanted));
      });
  } else if (page.conversation) watchNews();
  watchMessages(conversation, composer);
  watchOthers();
  watchDrafts();
  watchPrompts();

  /**
   * @param {ApiError} error
   * @param {string} question
   */
  function offer(error, question) {
    void import("./choices.js").then((choices) =>
      choices.offerChoices(/** @type {TooLong} */ (error.details), (choice) => {
        composer.clear();
        void conversation.ask(question, { ...composer.effort, ...choice });
      }),
    );
  }

  function stop() {
    if (!conversation.isAnswering) return;
    composer.setStopping();
    void conversation.stop();
  }

  if (page.context) watchMeter();
  composer.setBusy(conversation.isAnswering);
  // On a touch screen the keyboard would cover half of the page.
  if (matchMedia("(hover: hover)").matches) composer.focus();
  return () => {
    stop();
    composer.focus();
  };
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-menu]");
  if (opener instanceof HTMLButtonElement) void import("./side-menu.js").then((menu) => menu.openMenu(opener));
  if (target?.closest("[data-palette]")) void import("./palette.js").then((palette) => palette.openPalette());
});
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || dialogIsOpen()) return;
  const held = event.ctrlKey || event.metaKey;
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const writing = target.isContentEditable || target.matches("input, textarea, select");
  const row = target.closest("#side [data-conversation]");
  if (held && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    void import("./palette.js").then((palette) => palette.openPalette());
  } else if ((held && event.key === "/") || (!held && !writing && event.key === "?")) {
    event.preventDefault();
    void import("./shortcuts.js").then((shortcuts) => shortcuts.showShortcuts());
  } else if (event.key === "F2" || (event.key === "Delete" && !writing && row)) {
    event.preventDefault();
    void import("./side-menu.js").then((menu) => menu.onKey(event.key, row));
  }
});
document.addEventListener("conversation-changed", (event) => {
  if (!(event instanceof CustomEvent)) return;
  void import("./side-live.js").then((live) => live.onChanged(event.detail));
});
if (sessionStorage.getItem("moved")) void import("./moving.js").then((moving) => moving.offerUndo());
if (sessionStorage.getItem("deleted")) void import("./side-menu.js").then((menu) => menu.offerUndo());

document.addEventListener("answer:ended", (event) => {
  if (!document.hidden || !(event instanceof CustomEvent)) return;
  void import("./attention.js").then((attention) => attention.answerEnded(event.detail));
});
// With the first key or touch, so that the first page does not wait for it.
const early = new AbortController();
for (const kind of ["keydown", "pointerdown"]) {
  addEventListener(kind, () => (early.abort(), void import("./app-worker.js").then((worker) => worker.appWorker())), {
    signal: early.signal,
  });
}

const side = new Side();
const onEscape = page.workspace ? startConversation(side) : () => {};

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || dialogIsOpen()) return;
  if (!side.close()) onEscape();
});
