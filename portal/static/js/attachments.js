/** Files on their way to a question: uploaded at once, read by the workers, and sent along when it is asked. */

import { ApiError, get, remove, uploadError } from "./api.js";
import { announce, copyOfTemplate, element, page, text } from "./page.js";

/** How often a file that is being read is asked about, at first and at most. */
const FIRST_MS = 300;
const LAST_MS = 2_000;

/** @typedef {"uploading" | "reading" | "ready" | "failed"} State */

/** One file in the strip above the question. */
class Attachment {
  /** @type {State} */
  state = "uploading";
  id = "";
  tokens = 0;
  #request = new XMLHttpRequest();
  #gone = false;
  #tell;

  /**
   * @param {File} file
   * @param {() => void} tell called whenever something has changed
   */
  constructor(file, tell) {
    this.name = file.name;
    this.#tell = tell;
    this.item = copyOfTemplate("attachment-template");
    element("bdi", HTMLElement, this.item).textContent = file.name;
    element("[data-open]", HTMLButtonElement, this.item).addEventListener("click", () => {
      void import("./preview.js").then((preview) => preview.showPreview(this.id));
    });
    this.#show("uploading", text("uploading"));
    this.#send(file);
  }

  /** Stop the upload, or give the file up. */
  drop() {
    this.#gone = true;
    this.#request.abort();
    this.item.remove();
    // Whatever is left of it goes by itself after its time.
    if (this.id) void remove(`/api/files/${this.id}`).catch(() => {});
  }

  /** @param {File} file */
  #send(file) {
    const form = new FormData();
    form.append("file", file);
    if (page.workspace) form.append("workspace", page.workspace);
    const bar = element("progress", HTMLProgressElement, this.item);
    this.#request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    this.#request.addEventListener("load", () => void this.#uploaded());
    this.#request.addEventListener("error", () => this.#fail(text("noUpload")));
    this.#request.open("POST", "/api/files");
    this.#request.setRequestHeader("Accept", "application/json");
    this.#request.setRequestHeader("X-CSRFToken", element("meta[name=csrf-token]", HTMLMetaElement).content);
    this.#request.send(form);
  }

  async #uploaded() {
    if (this.#request.status !== 201) {
      this.#fail(uploadError(this.#request));
      return;
    }
    /** @type {FileSummary} */
    const file = JSON.parse(this.#request.responseText);
    this.id = file.id;
    this.#show("reading", text("readingFile"));
    await this.#follow();
  }

  async #follow() {
    for (let pause = FIRST_MS; !this.#gone; pause = Math.min(LAST_MS, pause * 1.5)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      try {
        const file = /** @type {FileSummary} */ (await get(`/api/files/${this.id}`));
        if (this.#gone) return;
        if (file.state === "ready") {
          this.tokens = file.tokens;
          this.#show("ready", text("filePages", { count: file.pages, tokens: file.tokens.toLocaleString() }));
          announce(text("fileReady", { name: this.name }));
          return;
        }
        if (file.state === "failed") return this.#fail(file.problem);
        if (file.pages) this.#show("reading", text("filePagesSoFar", { count: file.pages }));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // The network may come back; what the server refuses it refuses again.
        if (error.status !== 0 && error.status < 500) return this.#fail(error.message);
      }
    }
  }

  /** @param {string} problem */
  #fail(problem) {
    if (this.#gone) return;
    this.#show("failed", problem);
    announce(`${this.name}: ${problem}`);
  }

  /**
   * @param {State} state
   * @param {string} status
   */
  #show(state, status) {
    this.state = state;
    this.item.dataset["state"] = state;
    element("[data-status]", HTMLElement, this.item).textContent = status;
    element("progress", HTMLProgressElement, this.item).hidden = state !== "uploading";
    element("[data-open]", HTMLButtonElement, this.item).disabled = state !== "ready";
    this.#tell();
  }
}

/** @type {Attachment[]} */
let attachments = [];
/** The question was sent off, and goes when the last file is read. */
let waiting = false;

const strip = element("#attachments", HTMLElement);
const note = element("#attachments-note", HTMLElement);
const form = element("#composer", HTMLFormElement);

/** @param {File[]} files */
export function addFiles(files) {
  for (const file of files) {
    if (attachments.length >= page.filesOfQuestion) {
      say(text("tooManyFiles", { count: page.filesOfQuestion }));
      break;
    }
    const attachment = new Attachment(file, changed);
    attachments.push(attachment);
    strip.append(attachment.item);
    element("[data-remove]", HTMLButtonElement, attachment.item).addEventListener("click", () => {
      attachments = attachments.filter((other) => other !== attachment);
      attachment.drop();
      say("");
      changed();
      element("#question", HTMLTextAreaElement).focus();
    });
  }
  changed();
}

/** @param {string} sentence */
function say(sentence) {
  note.textContent = sentence;
  note.hidden = sentence === "";
}

function changed() {
  strip.hidden = attachments.length === 0;
  const files = attachments.map(({ name, tokens }) => ({ name, tokens }));
  document.dispatchEvent(new CustomEvent("composer:attachments", { detail: { files } }));
  if (!waiting || attachments.some((attachment) => attachment.state !== "ready")) {
    if (waiting && attachments.some((attachment) => attachment.state === "failed")) hold();
    return;
  }
  waiting = false;
  say("");
  form.requestSubmit();
}

/** A question with files that are not ready waits for them, or says which one it cannot take. */
function hold() {
  const failed = attachments.find((attachment) => attachment.state === "failed");
  waiting = !failed;
  const unread = attachments.find((attachment) => attachment.state !== "ready");
  say(failed ? text("fileFailed", { name: failed.name }) : text("fileNotReady", { name: unread?.name ?? "" }));
}

document.addEventListener("composer:ask", (event) => {
  if (attachments.every((attachment) => attachment.state === "ready")) return;
  event.preventDefault();
  hold();
});

element("#question", HTMLTextAreaElement).addEventListener("input", () => {
  // Whoever goes on writing has not finished the question.
  if (waiting) say("");
  waiting = false;
});

document.addEventListener("question:sending", (event) => {
  if (event instanceof CustomEvent && attachments.length) {
    event.detail.body.attachments = attachments.map((attachment) => attachment.id);
  }
});

document.addEventListener("question:sent", (event) => {
  if (!(event instanceof CustomEvent) || !attachments.length) return;
  const list = element("[data-attached]", HTMLElement, event.detail.question);
  for (const attachment of attachments) {
    const item = copyOfTemplate("attached-template");
    element("[data-preview]", HTMLElement, item).dataset["preview"] = attachment.id;
    element("bdi", HTMLElement, item).textContent = attachment.name;
    list.append(item);
    attachment.item.remove();
  }
  list.hidden = false;
  attachments = [];
  say("");
  changed();
});
