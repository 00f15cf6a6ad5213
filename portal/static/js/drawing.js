import { codeSourceOf } from "./markdown/clean.js";
import { cleanDrawing } from "./markdown/drawn.js";
import { copyOfTemplate, element, text } from "./page.js";

/**
 * Diagrams are drawn when the reader asks for it. The library runs in a frame without origin and network, which is thrown
 * away after each drawing; what comes out is shown as a picture, in which nothing runs and from which nothing is loaded.
 */

/** A frame that is not done by then is removed. Browsers give it a process of its own, so that the page goes on. */
const LONGEST_MS = 8_000;
const LONGEST_SVG = 2_000_000;
const LONGEST_MESSAGE = 300;

/** @typedef {{ svg: string } | { problem: string }} Drawn */

/**
 * @param {HTMLElement} frame of a code block
 */
export function offerDrawing(frame) {
  if (frame.querySelector("[data-draw]")) return;
  const button = copyOfTemplate("draw-template");
  frame.querySelector("[data-copy-code]")?.before(button);
  button.addEventListener("click", () => void turn(frame, /** @type {HTMLButtonElement} */ (button)));
}

/**
 * @param {HTMLElement} frame
 * @param {HTMLButtonElement} button
 */
async function turn(frame, button) {
  const source = element("pre", HTMLPreElement, frame);
  const shown = frame.querySelector(".drawing");
  if (shown) {
    shown.remove();
    source.hidden = false;
    label(button, "draw");
    return;
  }
  button.disabled = true;
  frame.querySelector(".drawing__problem")?.remove();
  label(button, "drawingNow");
  const picture = await pictureOf(codeSourceOf(frame));
  button.disabled = false;
  source.before(picture);
  source.hidden = picture.matches(".drawing");
  label(button, source.hidden ? "drawingSource" : "draw");
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} sentence
 */
function label(button, sentence) {
  element("[data-draw-label]", HTMLElement, button).textContent = text(sentence);
}

/**
 * @param {string} source
 * @returns {Promise<HTMLElement>} the drawing, or why there is none
 */
async function pictureOf(source) {
  const drawn = await draw(source, isDark());
  if ("problem" in drawn) return problem(drawn.problem);
  const cleaned = cleanDrawing(drawn.svg.slice(0, LONGEST_SVG));
  if (!cleaned) return problem(text("drawingBroken"));
  const place = document.createElement("div");
  place.className = "drawing";
  place.tabIndex = 0;
  place.role = "region";
  place.ariaLabel = text("drawing");
  place.append(imageOf(cleaned));
  return place;
}

/** @param {{ svg: string, width: number, height: number }} drawing */
function imageOf({ svg, width, height }) {
  const image = document.createElement("img");
  image.alt = text("drawingAlt");
  image.width = width;
  image.height = height;
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  image.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
  image.src = address;
  return image;
}

/** @param {string} message */
function problem(message) {
  const said = document.createElement("p");
  said.className = "drawing__problem";
  said.role = "status";
  said.textContent = text("drawingFailed", { message: message.slice(0, LONGEST_MESSAGE) });
  return said;
}

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * @param {string} source
 * @param {boolean} dark
 * @returns {Promise<Drawn>}
 */
function draw(source, dark) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.className = "drawing-frame";
  frame.tabIndex = -1;
  frame.ariaHidden = "true";
  frame.src = "/drawing/";
  const channel = new MessageChannel();
  /** @type {Promise<Drawn>} */
  const answer = new Promise((resolve) => {
    channel.port1.addEventListener("message", ({ data }) => resolve(drawnFrom(data)));
    channel.port1.start();
    setTimeout(() => resolve({ problem: text("drawingTooLong") }), LONGEST_MS);
  });
  // Without an origin the frame has no name to which a message could be addressed; it holds nothing but the source.
  frame.addEventListener("load", () => frame.contentWindow?.postMessage({ source, dark }, "*", [channel.port2]), {
    once: true,
  });
  document.body.append(frame);
  return answer.finally(() => {
    frame.remove();
    channel.port1.close();
  });
}

/**
 * The frame is as little trusted as the model whose text it has read.
 *
 * @param {unknown} data
 * @returns {Drawn}
 */
function drawnFrom(data) {
  const { svg, problem: said } = /** @type {Record<string, unknown>} */ (data ?? {});
  if (typeof svg === "string" && svg.length <= LONGEST_SVG) return { svg };
  return { problem: typeof said === "string" ? said : text("drawingBroken") };
}

/** A change between light and dark draws again what is drawn. */
async function drawAgain() {
  for (const shown of document.querySelectorAll(".drawing")) {
    const frame = shown.closest(".code-block");
    if (frame) shown.replaceWith(await pictureOf(codeSourceOf(frame)));
  }
}

new MutationObserver(() => void drawAgain()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void drawAgain());
