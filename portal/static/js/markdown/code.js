import highlighter from "highlight";

import { element } from "../page.js";
import { cleanHighlight, codeSourceOf, showBidiControls } from "./clean.js";

/** Colouring more than this would hold up the page: the time grows with the square of a line, and with the marks. */
const LONGEST = 16_000;
const LONG_LINE = /[^\n]{400}/;
const MOST_MARKS = 3_000;
/** In these languages the library's grammar looks further for an end, so that even short lines in a row cost much. */
const STRICTER = new Map([
  ["C#", /[\w\s<>,[\]]{100}/],
  ["TOML, also INI", /[^\n=[\]]{2000}|^[\s\S]{8000}/],
]);

/**
 * @param {string} source
 * @param {string} language
 */
function isTooMuch(source, language) {
  const found = highlighter.getLanguage(language);
  return !found || source.length > LONGEST || LONG_LINE.test(source) || STRICTER.get(found.name ?? "")?.test(source);
}

/** @param {Element} frame of a code block */
export function highlight(frame) {
  const code = element("code", HTMLElement, frame);
  const language = code.getAttribute("data-language")?.toLowerCase() ?? "";
  const source = codeSourceOf(frame);
  if (!language || isTooMuch(source, language)) return;
  const html = highlighter.highlight(source, { language, ignoreIllegals: true }).value;
  if (html.split("<span").length > MOST_MARKS) return;
  const fragment = cleanHighlight(html);
  if (fragment.textContent !== source) return;
  showBidiControls(fragment);
  code.replaceChildren(fragment);
}
