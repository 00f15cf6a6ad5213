import DOMPurify from "dompurify";

/**
 * What the drawing library made, kept to shapes, text and style. It is shown as a picture, in which nothing runs and from
 * which nothing is loaded; this holds even where somebody opens the picture by itself.
 *
 * The page's policy refuses inline style wherever it is parsed, so style stands under other names until the end.
 */

const POLICY = {
  USE_PROFILES: { svg: true },
  FORBID_TAGS: ["a", "animate", "foreignObject", "image", "script", "set", "style", "use"],
  FORBID_ATTR: ["href", "xlink:href", "style"],
  ADD_ATTR: ["data-look", "data-sheet"],
  ADD_URI_SAFE_ATTR: ["data-look", "data-sheet"],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {true} */ (true),
};
const LARGEST_PX = 8_000;
/** What style could ask another address for; its own parts it may name. */
const AWAY = /@import|(?:url|image|image-set|src)\s*\((?!\s*["']?#)/gi;

/**
 * @param {string} markup
 * @returns {{ svg: string, width: number, height: number } | null} null where it is no drawing
 */
export function cleanDrawing(markup) {
  const renamed = markup
    .replace(/<style\b[^>]*>/gi, '<desc data-sheet="">')
    .replace(/<\/style\s*>/gi, "</desc>")
    .replace(/(\s)style=/gi, "$1data-look=");
  const svg = DOMPurify.sanitize(renamed, POLICY).firstElementChild;
  if (!(svg instanceof SVGSVGElement)) return null;
  const { width, height } = svg.viewBox.baseVal;
  if (!(width > 0 && height > 0 && Math.max(width, height) <= LARGEST_PX)) return null;
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  svg.removeAttribute("data-look");
  for (const part of svg.querySelectorAll("[data-look]")) {
    part.setAttribute("data-look", (part.getAttribute("data-look") ?? "").replace(AWAY, "none("));
  }
  for (const sheet of svg.querySelectorAll("[data-sheet]")) {
    sheet.textContent = (sheet.textContent ?? "").replace(AWAY, "none(");
  }
  // In what is written here every text and value is escaped, so that only names change.
  const written = new XMLSerializer()
    .serializeToString(svg)
    .replace(/<desc data-sheet="">([^<]*)<\/desc>/g, "<style>$1</style>")
    .replace(/(<[^<>]*\s)data-look=/g, "$1style=");
  return { svg: written, width, height };
}
