import katex from "katex";

import { depthOf } from "./lexer.js";

/** @type {import("katex").KatexOptions} */
const OPTIONS = { throwOnError: true, trust: false, strict: "ignore", maxSize: 20, maxExpand: 300 };

const DEEPEST_FORMULA = 24;
const LONGEST_FORMULA = 4_000;
const DEFINES_MACRO = /\\(?:[egx]?def|let|futurelet|(?:re)?newcommand|providecommand|global|long)(?![a-zA-Z])/;
const FORMULA_GROUPS =
  /\\[{}]|(\{|\\(?:begin|bgroup|begingroup|left)(?![a-zA-Z]))|\}|\\(?:end|egroup|endgroup|right)(?![a-zA-Z])/g;
/** A sign of a formula costs as much as a paragraph of text. */
const MOST_SIGNS_IN_FORMULAS = 1_000;

/**
 * KaTeX writes elements and sets their style through the object model, which the page's policy allows.
 *
 * @param {Iterable<HTMLElement>} places of one block, each holding its formula's source
 */
export function renderMath(places) {
  let left = MOST_SIGNS_IN_FORMULAS;
  for (const place of places) {
    const source = place.textContent ?? "";
    left -= signsOf(source);
    if (left < 0 || isTooHard(source)) showSource(place, source);
    else renderFormula(place, source);
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} source
 */
function renderFormula(place, source) {
  try {
    katex.render(source, place, { ...OPTIONS, displayMode: place.classList.contains("math--display") });
  } catch (error) {
    // Not only parse errors: a formula can also be more than the library's recursion can take.
    showSource(place, source);
    if (error instanceof katex.ParseError) place.title = error.message;
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} source
 */
function showSource(place, source) {
  place.textContent = source;
  place.classList.add("math--broken");
}

/**
 * Nesting that is too deep makes the browser's layout fail, and takes the whole page with it; a macro of its own lets a
 * short formula become a long one.
 *
 * @param {string} formula
 */
function isTooHard(formula) {
  if (formula.length > LONGEST_FORMULA || DEFINES_MACRO.test(formula)) return true;
  return depthOf(formula, FORMULA_GROUPS, (match) => match[1] !== undefined) > DEEPEST_FORMULA;
}

/** @param {string} formula */
function signsOf(formula) {
  return (formula.match(/\\[a-zA-Z]+|[^\s{}]/g)?.length ?? 0) + 3;
}
