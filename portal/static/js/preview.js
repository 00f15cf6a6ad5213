/** What a model gets to read of a file, page by page. */

import { ApiError, get } from "./api.js";
import { element, text } from "./page.js";

const dialog = element("#preview-dialog", HTMLDialogElement);
const number = element("[data-number]", HTMLInputElement, dialog);
const shown = element("[data-text]", HTMLElement, dialog);
const picture = element("[data-picture]", HTMLImageElement, dialog);

/** @type {FileSummary | null} */
let file = null;
let at = 0;

/** @param {string} id */
export async function showPreview(id) {
  file = null;
  element("[data-name]", HTMLElement, dialog).textContent = "";
  shown.textContent = text("loading");
  picture.hidden = true;
  if (!dialog.open) dialog.showModal();
  try {
    file = /** @type {FileSummary} */ (await get(`/api/files/${id}`));
  } catch (error) {
    shown.textContent = messageOf(error);
    return;
  }
  element("[data-name]", HTMLElement, dialog).textContent = file.name;
  element("[data-about]", HTMLElement, dialog).textContent = text("fileRead", {
    count: file.pages,
    tokens: file.tokens.toLocaleString(),
  });
  element("[data-original]", HTMLAnchorElement, dialog).href = `/api/files/${id}/original`;
  element("[data-count]", HTMLElement, dialog).textContent = text("ofPages", { count: file.pages });
  number.max = String(file.pages);
  if (file.has_view) picture.src = `/api/files/${id}/view`;
  picture.hidden = !file.has_view;
  await turnTo(1);
}

/** @param {number} wanted */
async function turnTo(wanted) {
  const current = file;
  if (!current || !Number.isInteger(wanted)) return;
  const next = Math.min(Math.max(1, wanted), Math.max(1, current.pages));
  at = next;
  number.value = String(next);
  element("[data-previous]", HTMLButtonElement, dialog).disabled = next <= 1;
  element("[data-next]", HTMLButtonElement, dialog).disabled = next >= current.pages;
  try {
    const found = await get(`/api/files/${current.id}/pages?after=${next - 1}&limit=1`);
    // Whoever turns quickly sees the page that was asked for last.
    if (file !== current || at !== next) return;
    const [only] = found.items;
    shown.textContent = only?.text || text("emptyPage");
    const place = element("[data-place]", HTMLElement, dialog);
    place.hidden = !only?.title;
    element("bdi", HTMLElement, place).textContent = only?.title ?? "";
    element("[data-body]", HTMLElement, dialog).scrollTop = 0;
  } catch (error) {
    shown.textContent = messageOf(error);
  }
}

/** @param {unknown} error */
function messageOf(error) {
  if (error instanceof ApiError) return error.message;
  throw error;
}

element("[data-previous]", HTMLButtonElement, dialog).addEventListener("click", () => void turnTo(at - 1));
element("[data-next]", HTMLButtonElement, dialog).addEventListener("click", () => void turnTo(at + 1));
number.addEventListener("change", () => void turnTo(Number(number.value)));
dialog.addEventListener("keydown", (event) => {
  if (event.target === number || event.altKey || event.ctrlKey || event.metaKey) return;
  const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  const turns = { [forward]: at + 1, [back]: at - 1, Home: 1, End: file?.pages ?? 1 };
  const wanted = turns[event.key];
  if (wanted === undefined) return;
  event.preventDefault();
  void turnTo(wanted);
});
