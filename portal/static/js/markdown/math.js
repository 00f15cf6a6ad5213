import katex from "katex";

/** @type {import("katex").KatexOptions} */
const OPTIONS = { throwOnError: true, trust: false, strict: "ignore", maxSize: 20, maxExpand: 300 };

/**
 * KaTeX writes elements and sets their style through the object model, which the page's policy allows.
 *
 * @param {Element} place holds the formula's source
 */
export function renderMath(place) {
  if (!(place instanceof HTMLElement)) return;
  const source = place.textContent ?? "";
  try {
    katex.render(source, place, { ...OPTIONS, displayMode: place.classList.contains("math--display") });
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    place.textContent = source;
    place.classList.add("math--broken");
    place.title = error.message;
  }
}
