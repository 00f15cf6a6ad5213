import { Lexer, Tokenizer } from "marked";

/**
 * How much of an answer is read as Markdown. The parser's work grows faster than its text, and the model is untrusted:
 * what goes beyond these bounds, which no answer meant for reading does, is shown as the text that it is.
 */

/**
 * @typedef {import("marked").Token} Token
 * @typedef {import("marked").MarkedOptions} MarkedOptions
 * @typedef {{ type: "plainBlock" | "plainPiece", raw: string }} PlainToken what is beyond the bounds
 */

/** Quotes and lists in each other, and emphasis in emphasis. */
const DEEPEST_BLOCK = 10;
const DEEPEST_INLINE = 16;

const LONGEST_BLOCK = 30_000;
const MOST_SIGNS_IN_BLOCK = 4_000;
const LONGEST_PIECE = 10_000;
const LONGEST_WORD = /\S{1500}/;
/** For each sign that may open something, the parser looks for its end in the whole piece. */
const MOST_LOOKING = 4_000_000;
const DEEPEST_TAGS = 16;

const BLANK = /^[ \t]*\n?$/;
const FENCE = /^ {0,3}(?:```|~~~)/;
const LIST_START = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t\n]/;
/** After a blank line a list goes on with these. */
const OF_LIST = /^(?:[ \t]|[-*+]|\d{1,9}[.)])/;
/** The parser takes code as it is, at no cost. */
const CODE_START = /^(?: {4}| {0,3}\t| {0,3}(?:```|~~~))/;

/** Reads no deeper than the bounds: what lies deeper is text. */
class BoundedTokenizer extends Tokenizer {
  depth = 0;

  /** @param {string} source */
  list(source) {
    return this.#deeper(() => super.list(source));
  }

  /** @param {string} source */
  blockquote(source) {
    return this.#deeper(() => super.blockquote(source));
  }

  /**
   * @template T
   * @param {() => T} read
   */
  #deeper(read) {
    if (this.depth >= DEEPEST_BLOCK) return undefined;
    this.depth += 1;
    try {
      return read();
    } finally {
      this.depth -= 1;
    }
  }
}

/** Marked's lexer, with an end to what a text can cost. */
export class BoundedLexer extends Lexer {
  #bounded;
  #inlineDepth = 0;
  /** How much of the source follows on the block that was found small enough. */
  #rest = Infinity;

  /** @param {MarkedOptions} options */
  constructor(options) {
    const bounded = new BoundedTokenizer();
    super({ ...options, tokenizer: bounded });
    this.#bounded = bounded;
  }

  /**
   * @param {string} source what is left, at the start of a block
   * @returns {PlainToken | undefined}
   */
  plainBlock(source) {
    if (this.#bounded.depth > 0 || source.length > this.#rest) return undefined;
    const block = source.slice(0, lengthOfBlock(source));
    this.#rest = source.length - block.length;
    return isTooMuch(block) ? { type: "plainBlock", raw: block } : undefined;
  }

  /**
   * @param {string} source
   * @param {Token[]} [tokens]
   * @returns {Token[]}
   */
  inlineTokens(source, tokens = []) {
    const isFirst = this.#inlineDepth === 0;
    if (isFirst ? isTooDense(source) : this.#inlineDepth >= DEEPEST_INLINE) {
      tokens.push({ type: "plainPiece", raw: source });
      return tokens;
    }
    this.#inlineDepth += 1;
    try {
      return super.inlineTokens(source, tokens);
    } finally {
      this.#inlineDepth -= 1;
    }
  }
}

/**
 * @param {string} text
 * @param {RegExp} pattern global
 */
function countOf(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}

/**
 * @param {string} source
 * @returns {number} how far its first block reaches at most; 0 for code, and for a blank line
 */
function lengthOfBlock(source) {
  if (CODE_START.test(source)) return 0;
  const isList = LIST_START.test(source);
  let wasBlank = false;
  for (let start = 0, end = 0; start < source.length; start = end) {
    end = source.indexOf("\n", start) + 1 || source.length;
    const line = source.slice(start, end);
    const isBlank = BLANK.test(line);
    if (isBlank ? !isList : FENCE.test(line) || (wasBlank && !OF_LIST.test(line))) return start;
    wasBlank = isBlank;
  }
  return source.length;
}

/** @param {string} block */
function isTooMuch(block) {
  return block.length > LONGEST_BLOCK || countOf(block, /[|*_`$<[\n]/g) > MOST_SIGNS_IN_BLOCK;
}

/** @param {string} piece of a block: a paragraph, an item or a cell */
function isTooDense(piece) {
  if (piece.length > LONGEST_PIECE || LONGEST_WORD.test(piece)) return true;
  return piece.length * countOf(piece, /[*_`~$[<\\@:]/g) > MOST_LOOKING || depthOfTags(piece) > DEEPEST_TAGS;
}

/** @param {string} piece */
function depthOfTags(piece) {
  return depthOf(piece, /<(\/?)(?:sub|sup|kbd|mark|u)>/gi, (match) => match[1] === "");
}

/**
 * @param {string} text
 * @param {RegExp} marks
 * @param {(match: RegExpExecArray) => boolean} isOpening
 */
export function depthOf(text, marks, isOpening) {
  let depth = 0;
  let deepest = 0;
  for (const match of text.matchAll(marks)) {
    depth = isOpening(match) ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
