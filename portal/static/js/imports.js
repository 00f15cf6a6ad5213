import { ApiError, getFragment, post, put } from "./api.js";
import { announce, element, page, text } from "./page.js";

/** How often the list is asked for again while something is under way. */
const LOOK_MS = 2_000;
const RETRIES = 4;

/** @typedef {{ id: string, state: string, received: number, size: number, piece: number }} Import */

const form = element("#import-form", HTMLFormElement);
const list = element("#imports", HTMLElement);
const problem = element("#import-problem", HTMLElement);
const progress = element("#upload-progress", HTMLProgressElement);
const status = element("#upload-status", HTMLElement);
const send = element("button[type=submit]", HTMLButtonElement, form);

/** @param {string} sentence */
function showProblem(sentence) {
  problem.textContent = sentence;
  problem.hidden = sentence === "";
}

/** @param {Import} found */
function showUpload(found) {
  const share = Math.floor((100 * found.received) / found.size);
  progress.hidden = false;
  progress.value = share;
  status.textContent = text("uploadingShare", { share });
}

/** @param {File} file */
function unfinishedOf(file) {
  for (const item of list.querySelectorAll("[data-receiving]")) {
    if (!(item instanceof HTMLElement)) continue;
    const { import: id, name, size } = item.dataset;
    if (id && name === file.name.slice(0, 120) && Number(size) === file.size) return id;
  }
  return null;
}

/**
 * @param {File} file
 * @returns {Promise<Import>}
 */
async function begin(file) {
  const id = unfinishedOf(file);
  if (id) return read(id);
  const workspace = element("select[name=workspace]", HTMLSelectElement, form).value;
  return post("/api/imports", { workspace, name: file.name, size: file.size });
}

/**
 * @param {string} id
 * @returns {Promise<Import>}
 */
async function read(id) {
  const response = await fetch(`/api/imports/${id}`, { credentials: "same-origin" });
  if (!response.ok) throw new ApiError(response.status, "unknown", text("uploadStopped"));
  return response.json();
}

/** @param {File} file */
async function upload(file) {
  let found = await begin(file);
  let failures = 0;
  // The list offers to cancel it from now on.
  void refresh();
  while (found.state === "receiving") {
    showUpload(found);
    const piece = file.slice(found.received, found.received + found.piece);
    try {
      found = await put(`/api/imports/${found.id}/file?offset=${found.received}`, piece);
      failures = 0;
    } catch (error) {
      const lost = error instanceof ApiError && (error.status === 0 || error.status === 409 || error.status >= 500);
      failures += 1;
      if (!lost || failures > RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** failures));
      found = await read(found.id).catch(() => found);
    }
  }
}

async function refresh() {
  const open = [...list.querySelectorAll("details[open]")].map((item) => item.closest("[data-import]"));
  const ids = open.map((item) => (item instanceof HTMLElement ? item.dataset["import"] : ""));
  const { fragment } = await getFragment("/imports/list/");
  list.replaceChildren(fragment);
  for (const id of ids) list.querySelector(`[data-import="${id}"] details`)?.setAttribute("open", "");
}

let wasUnderWay = false;

async function look() {
  const underWay = list.querySelector("[data-under-way]") !== null;
  if (underWay && !document.hidden) await refresh().catch(() => {});
  const stillUnderWay = list.querySelector("[data-under-way]") !== null;
  if (wasUnderWay && !stillUnderWay) {
    announce(list.querySelector("[data-summary]")?.textContent?.trim() ?? "");
    status.textContent = "";
  }
  wasUnderWay = stillUnderWay;
  setTimeout(() => void look(), LOOK_MS);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = element("input[type=file]", HTMLInputElement, form).files?.[0];
  if (!file) return;
  showProblem("");
  send.disabled = true;
  upload(file)
    .then(() => {
      form.reset();
      status.textContent = text("uploadEnded");
      announce(text("uploadEnded"));
    })
    .catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      status.textContent = "";
      showProblem(error.status === 0 ? text("uploadStopped") : error.message);
    })
    .finally(() => {
      send.disabled = false;
      progress.hidden = true;
      void refresh();
    });
});

list.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-cancel]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  button.disabled = true;
  post(`/api/imports/${button.dataset["cancel"]}/cancel`)
    .then(refresh)
    .catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      button.disabled = false;
      showProblem(error.message);
    });
});

// Without the page's data its sentences would be missing when they are needed.
if (page.strings) void look();
