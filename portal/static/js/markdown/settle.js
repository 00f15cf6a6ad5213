/**
 * Half-written Markdown, made fit to be shown: what cannot be understood before it is complete is held back, and what
 * was opened is closed, so that a growing answer never flickers through a wrong meaning.
 */

/** An opener that is followed by more than this is not mathematics but a stray sign. */
const LONGEST_FORMULA = 2_000;

/** What is undecided stands in this much of the end; to look further back would take long in a hostile text. */
const LONGEST_UNDECIDED = 2_000;

const MATH_SIGNS = /`+[^`]*`+|\\[[\]()]|\$\$/g;
const UNDECIDED_LAST_LINE = /(?:^|\n)[ \t]*(?:[-=]+|[*+>]|\d{1,9}[.)]?|#{1,6}|`{1,2}|~{1,2}|\|[^\n]*(?:\n[ \t]*\|[^\n]*)*)[ \t]*$/;
const UNFINISHED_LINK = /(?<!\\)!?\[([^\][\n]*)(?<!\\)\](?:\([^)\n]*)?$/;
const UNFINISHED_LABEL = /(?<!\\)!?\[[^\]\n]*$/;

/**
 * Where a formula begins that has no end yet.
 *
 * @param {string} source one block
 * @returns {number} -1 where there is none
 */
export function unclosedMath(source) {
  let opened = -1;
  let closer = "";
  for (const match of source.matchAll(MATH_SIGNS)) {
    const sign = match[0];
    if (sign.startsWith("`")) continue;
    if (opened >= 0) {
      if (sign === closer) opened = -1;
      continue;
    }
    const expected = { $$: "$$", "\\[": "\\]", "\\(": "\\)" }[sign];
    if (!expected) continue;
    opened = match.index;
    closer = expected;
  }
  return opened >= 0 && source.length - opened <= LONGEST_FORMULA ? opened : -1;
}

/**
 * @param {string} source the block that is being written
 * @param {string} type its kind, as the lexer sees it so far
 * @returns {string} what can be shown of it
 */
export function settled(source, type) {
  if (type === "code" || type === "plainBlock") return source;
  const formula = unclosedMath(source);
  const shown = (formula >= 0 ? source.slice(0, formula) : source).trimEnd();
  let end = shown.slice(-LONGEST_UNDECIDED);
  const before = shown.slice(0, shown.length - end.length);
  if (type !== "table") end = end.replace(UNDECIDED_LAST_LINE, "");
  end = end.replace(UNFINISHED_LINK, "$1").replace(UNFINISHED_LABEL, "");
  return closed(closed((before + end).trimEnd(), "`"), "**");
}

/**
 * @param {string} source
 * @param {string} mark
 */
function closed(source, mark) {
  const lastParagraph = source.slice(source.lastIndexOf("\n\n") + 1);
  const text = mark === "`" ? lastParagraph : lastParagraph.replace(/`[^`\n]*`/g, "");
  if ((text.split(mark).length - 1) % 2 === 0) return source;
  return source.endsWith(mark) ? source.slice(0, -mark.length) : source + mark;
}
