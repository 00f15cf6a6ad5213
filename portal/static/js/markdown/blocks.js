import { element, page } from "../page.js";
import { cleanFragment, plainBlock, setCodeSource } from "./clean.js";
import { htmlOf, languageOf, tokensOf } from "./parse.js";
import { settled, unclosedMath } from "./settle.js";

/** @typedef {import("./parse.js").Token} Token */

/** A frame that took longer than this is followed by a pause, so that typing and scrolling stay smooth. */
const COSTLY_FRAME_MS = 8;

/** A link's address that stands apart from the link. */
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;

/** @type {typeof import("./math.js") | null} */
let math = null;
/** @type {typeof import("./code.js") | null} */
let code = null;

async function loadMath() {
  if (!document.querySelector("link[data-math]")) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = page.mathStyle;
    style.dataset["math"] = "";
    document.head.append(style);
  }
  math = await import("./math.js");
}

/**
 * The elements of a class in a block, which may itself be the one.
 *
 * @param {HTMLElement} block
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
function within(block, selector) {
  /** @type {NodeListOf<HTMLElement>} */
  const inner = block.querySelectorAll(selector);
  return block.matches(selector) ? [block, ...inner] : [...inner];
}

/**
 * Mathematics and colours come with libraries that are loaded when first needed.
 *
 * @param {HTMLElement} block
 * @param {boolean} final it will not change any more
 */
function decorate(block, final) {
  const formulas = within(block, ".math");
  if (formulas.length && math) math.renderMath(formulas);
  else if (formulas.length) void loadMath().then(() => math?.renderMath(formulas));
  if (!final) return;
  const drawable = within(block, ".code-block:has(code[data-language='mermaid' i])");
  if (drawable.length) void import("../drawing.js").then((drawing) => drawable.forEach(drawing.offerDrawing));
  const coloured = within(block, ".code-block:has(code[data-language]:not([data-language='']))");
  if (coloured.length && code) coloured.forEach(code.highlight);
  else if (coloured.length) {
    void import("./code.js").then((loaded) => {
      code = loaded;
      coloured.forEach(loaded.highlight);
    });
  }
}

/**
 * @param {Token} token
 * @returns {HTMLElement[]} a block of the page; where it cannot be built, its source, so that the others still can
 */
function blockOf(token) {
  try {
    return /** @type {HTMLElement[]} */ ([...cleanFragment(htmlOf(token)).children]);
  } catch (error) {
    reportError(error);
    return [plainBlock(token.raw)];
  }
}

/**
 * Markdown that grows. Finished blocks are rendered once and then left alone; only the last one, which may still
 * change its meaning, is rendered again, at most once a frame.
 */
export class GrowingMarkdown {
  #root;
  #source = "";
  /** Where the open block begins. */
  #settledTo = 0;
  /** @type {HTMLElement[]} */
  #open = [];
  #scheduled = false;
  #painted = false;
  /** A carriage return at the end of a piece, which may be half of a line's end. */
  #carry = "";

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.replaceChildren();
  }

  /** @param {string} piece */
  append(piece) {
    this.#take(piece);
    if (!this.#painted) this.#render();
    else this.#schedule();
    this.#painted = true;
  }

  /**
   * Nothing more comes: what was held back is shown as it is.
   *
   * @param {string} [rest]
   */
  finish(rest = "") {
    this.#take(rest);
    if (DEFINITION.test(this.#source)) this.#startOver();
    this.#closeBlocks(tokensOf(this.#source.slice(this.#settledTo)));
  }

  /** @param {string} piece */
  #take(piece) {
    const text = this.#carry + piece;
    this.#carry = text.endsWith("\r") ? "\r" : "";
    this.#source += text.slice(0, text.length - this.#carry.length).replace(/\r\n?/g, "\n");
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      const started = performance.now();
      this.#render();
      const pause = performance.now() - started;
      if (pause < COSTLY_FRAME_MS) this.#scheduled = false;
      else setTimeout(() => this.#resume(), pause * 3);
    });
  }

  #resume() {
    this.#scheduled = false;
    this.#schedule();
  }

  /** Links may be defined after their use, which only the whole text shows. */
  #startOver() {
    this.#root.replaceChildren();
    this.#open = [];
    this.#settledTo = 0;
  }

  #render() {
    const tail = this.#source.slice(this.#settledTo);
    const tokens = tokensOf(tail);
    const ended = tokens.slice(0, this.#countOfEnded(tokens));
    if (ended.length && tail.startsWith(rawOf(ended))) this.#closeBlocks(ended);
    this.#renderOpen();
  }

  /** @param {Token[]} tokens */
  #countOfEnded(tokens) {
    const last = tokens.findLastIndex((token) => token.type !== "space");
    const formula = tokens.findIndex((token) => token.type === "paragraph" && unclosedMath(token.raw) >= 0);
    return Math.max(0, formula >= 0 ? Math.min(last, formula) : last);
  }

  /** @param {Token[]} tokens */
  #closeBlocks(tokens) {
    this.#removeOpen();
    this.#show(tokens, true);
    this.#settledTo += rawOf(tokens).length;
  }

  #renderOpen() {
    const tail = this.#source.slice(this.#settledTo);
    const [first] = tokensOf(tail).filter((token) => token.type !== "space");
    if (!first) return this.#removeOpen();
    if (first.type === "code" && this.#growCode(first)) return;
    const tokens = tokensOf(settled(tail, first.type));
    this.#removeOpen();
    this.#open = this.#show(tokens, false);
  }

  /**
   * @param {Token[]} tokens
   * @param {boolean} final
   */
  #show(tokens, final) {
    const blocks = tokens.filter((token) => token.type !== "space").flatMap(blockOf);
    this.#root.append(...blocks);
    for (const block of blocks) decorate(block, final);
    return blocks;
  }

  /**
   * A long listing grows line by line: its element stays and takes the new text.
   *
   * @param {Token} token
   * @returns {boolean}
   */
  #growCode(token) {
    const [frame] = this.#open;
    if (this.#open.length !== 1 || !frame?.matches(".code-block") || token.type !== "code") return false;
    const language = languageOf(token.lang);
    if (element("code", HTMLElement, frame).getAttribute("data-language") !== language) return false;
    setCodeSource(frame, token.text);
    return true;
  }

  #removeOpen() {
    for (const node of this.#open) node.remove();
    this.#open = [];
  }
}

/** @param {Token[]} tokens */
function rawOf(tokens) {
  return tokens.map((token) => token.raw).join("");
}
