import highlighter from "highlight";

import { element } from "../page.js";
import { cleanHighlight, codeSourceOf, showBidiControls } from "./clean.js";

/** Colouring a longer block would hold up the page. */
const LONGEST = 60_000;

/** @param {Element} frame of a code block */
export function highlight(frame) {
  const code = element("code", HTMLElement, frame);
  const language = code.getAttribute("data-language")?.toLowerCase() ?? "";
  const source = codeSourceOf(frame);
  if (!language || source.length > LONGEST || !highlighter.getLanguage(language)) return;
  const fragment = cleanHighlight(highlighter.highlight(source, { language, ignoreIllegals: true }).value);
  if (fragment.textContent !== source) return;
  showBidiControls(fragment);
  code.replaceChildren(fragment);
}
