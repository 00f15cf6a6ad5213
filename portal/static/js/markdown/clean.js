import DOMPurify from "dompurify";

import { copyOfTemplate, element, text } from "../page.js";

/** What an answer may consist of. The model is untrusted: nothing here can run, load, post or style anything. */
const POLICY = {
  ALLOWED_TAGS: [
    "a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "input",
    "kbd", "li", "mark", "ol", "p", "pre", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
    "u", "ul",
  ],
  ALLOWED_ATTR: ["align", "alt", "checked", "class", "data-language", "disabled", "href", "src", "start", "title", "type"],
  // These hold no address, so the rule for addresses is not for them.
  ADD_URI_SAFE_ATTR: ["align", "checked", "data-language", "disabled", "start", "type"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/(?![\\/])|#)/i,
  RETURN_DOM_FRAGMENT: /** @type {true} */ (true),
};

const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/;
/** Each mark costs the browser's layout dearly, and a text that needs more has no reader. */
const MOST_BIDI_MARKS = 200;

/** A file of the appliance itself. A picture is loaded unasked, and other addresses may act or tell. */
const OWN_PICTURE = /^\/static\/(?!.*\.\.)[\w./-]+$/;

/**
 * Where the links lead. The browser itself is not told: it would open them by ways that ask nobody.
 *
 * @type {WeakMap<Element, string>}
 */
const addresses = new WeakMap();

/** What the model wrote in a code block, which the page may show with marks in it. @type {WeakMap<Element, string>} */
const codeSources = new WeakMap();

/**
 * @param {Element} frame
 * @returns {string}
 */
export function codeSourceOf(frame) {
  return codeSources.get(frame) ?? "";
}

/**
 * @param {Element} link
 * @returns {string | undefined}
 */
export function addressOf(link) {
  return addresses.get(link);
}

/**
 * Pictures come from the appliance's own files or not at all.
 *
 * @param {string} address
 */
export function isOwnPicture(address) {
  return OWN_PICTURE.test(address);
}

/**
 * @param {string} source
 * @returns {HTMLElement} the source itself, to be read
 */
export function plainBlock(source) {
  const block = document.createElement("p");
  block.className = "plain";
  block.dir = "auto";
  block.textContent = source.trimEnd();
  showBidiControls(block);
  return block;
}

/**
 * @param {string} html
 * @returns {DocumentFragment} clean, and finished for reading
 */
export function cleanFragment(html) {
  const fragment = DOMPurify.sanitize(html, POLICY);
  for (const picture of fragment.querySelectorAll("img")) {
    if (!isOwnPicture(picture.getAttribute("src") ?? "")) picture.replaceWith(picture.alt);
  }
  for (const box of fragment.querySelectorAll("input")) keepCheckboxOnly(box);
  for (const link of fragment.querySelectorAll("a")) markLink(link);
  for (const table of fragment.querySelectorAll("table")) putInScroller(table);
  for (const code of fragment.querySelectorAll("pre > code")) frameCode(code);
  for (const block of fragment.children) block.setAttribute("dir", "auto");
  showBidiControls(fragment);
  return fragment;
}

/**
 * @param {string} html
 * @returns {DocumentFragment} spans with classes, and nothing else
 */
export function cleanHighlight(html) {
  const policy = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], ALLOW_DATA_ATTR: false };
  return DOMPurify.sanitize(html, { ...policy, RETURN_DOM_FRAGMENT: true });
}

/**
 * Direction overrides can make text read as something else than it is, so they are shown instead of obeyed.
 *
 * @param {Node} root
 */
export function showBidiControls(root) {
  if (!BIDI_CONTROLS.test(root.textContent ?? "")) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const found = [];
  while (walker.nextNode()) {
    if (walker.currentNode instanceof Text && BIDI_CONTROLS.test(walker.currentNode.data)) found.push(walker.currentNode);
  }
  let marks = 0;
  for (const node of found) {
    marks += node.data.split(BIDI_CONTROLS).length - 1;
    if (marks > MOST_BIDI_MARKS) node.data = node.data.split(BIDI_CONTROLS).join("\ufffd");
    else node.replaceWith(...node.data.split(/([\u202a-\u202e\u2066-\u2069])/).map(markBidiControl));
  }
}

/** From here on a question may be taller than its box, which the keyboard must reach then to scroll it. */
const TALL_QUESTION = { characters: 500, lines: 12 };

/** @param {HTMLElement} place that holds what a person asked */
export function showQuestion(place) {
  const asked = place.textContent ?? "";
  if (asked.length > TALL_QUESTION.characters || asked.split("\n").length > TALL_QUESTION.lines) place.tabIndex = 0;
  showBidiControls(place);
}

/**
 * @param {string} part
 * @returns {string | HTMLElement}
 */
function markBidiControl(part) {
  if (!BIDI_CONTROLS.test(part)) return part;
  const mark = document.createElement("span");
  mark.className = "bidi-mark";
  mark.textContent = `U+${part.charCodeAt(0).toString(16).toUpperCase()}`;
  return mark;
}

/** @param {HTMLInputElement} box */
function keepCheckboxOnly(box) {
  if (box.type !== "checkbox") return box.remove();
  box.disabled = true;
}

/**
 * Without an address of its own a link cannot be opened, copied or dragged past the question where it leads.
 *
 * @param {HTMLAnchorElement} link
 */
export function markLink(link) {
  const address = link.getAttribute("href") ?? "";
  link.removeAttribute("href");
  if (!address || !URL.canParse(address, location.href)) return;
  const { href } = new URL(address, location.href);
  addresses.set(link, href);
  link.role = "link";
  link.tabIndex = 0;
  link.title = href;
}

/** @param {HTMLTableElement} table */
function putInScroller(table) {
  const scroller = document.createElement("div");
  scroller.className = "table-scroller";
  scroller.tabIndex = 0;
  scroller.role = "region";
  scroller.ariaLabel = text("table");
  table.replaceWith(scroller);
  scroller.append(table);
}

/**
 * A code block that is still being written takes its new text without being built again.
 *
 * @param {Element} frame
 * @param {string} source
 */
export function setCodeSource(frame, source) {
  codeSources.set(frame, source);
  element("code", HTMLElement, frame).textContent = source;
}

/** @param {Element} code */
function frameCode(code) {
  const frame = copyOfTemplate("code-block-template");
  const language = code.getAttribute("data-language") ?? "";
  if (language) element("[data-label]", HTMLElement, frame).textContent = language;
  codeSources.set(frame, code.textContent ?? "");
  code.parentElement?.replaceWith(frame);
  const pre = element("pre", HTMLPreElement, frame);
  pre.dir = "ltr";
  pre.append(code);
}
