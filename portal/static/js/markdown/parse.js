import { Marked } from "marked";

import { isOwnPicture } from "./clean.js";
import { BoundedLexer } from "./lexer.js";

/**
 * @typedef {import("marked").Token} Token
 * @typedef {{ type: string, raw: string, tex: string, display: boolean }} MathToken
 */

/** The only raw HTML that is taken as HTML; all else that looks like it is shown as the text that it is. */
const HARMLESS_TAG = /^<(?:br\s*\/?|\/?(?:sub|sup|kbd|mark|u))>$/i;

const BLOCK_MATH = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/;
const INLINE_DISPLAY_MATH = /^(?:\$\$([^$]+?)\$\$|\\\[([\s\S]+?)\\\])/;
const INLINE_MATH = /^(?:\$(?![\s$])((?:\\.|[^$\\\n])*?[^\s\\$]|[^\s\\$])\$(?!\d)|\\\(([\s\S]+?)\\\))/;

const LONGEST_SHOWN_ADDRESS = 200;

/** @param {string} text */
export function escapeHtml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** @param {string} address */
function shortened(address) {
  return `(${address.length > LONGEST_SHOWN_ADDRESS ? `${address.slice(0, LONGEST_SHOWN_ADDRESS)}…` : address})`;
}

/**
 * @param {string | undefined} info what stands behind a code fence
 * @returns {string}
 */
export function languageOf(info) {
  return info?.match(/^[\w+#.-]+/)?.[0] ?? "";
}

/**
 * @param {RegExpExecArray | null} match
 * @param {string} type
 * @param {boolean} display
 * @returns {MathToken | undefined}
 */
function mathToken(match, type, display) {
  if (!match) return undefined;
  return { type, raw: match[0], tex: (match[1] ?? match[2] ?? "").trim(), display };
}

/** @param {import("marked").Tokens.Generic} token */
function renderMath(token) {
  const name = token.display ? "math math--display" : "math";
  const tag = token.type === "blockMath" ? "div" : "span";
  return `<${tag} class="${name}">${escapeHtml(token.tex)}</${tag}>`;
}

/** @type {import("marked").TokenizerAndRendererExtension} */
const blockMath = {
  name: "blockMath",
  level: "block",
  start: (source) => source.match(/(?:^|\n) {0,3}(?:\$\$|\\\[)/)?.index,
  tokenizer: (source) => mathToken(BLOCK_MATH.exec(source), "blockMath", true),
  renderer: renderMath,
};

/** @type {import("marked").TokenizerAndRendererExtension} */
const inlineMath = {
  name: "inlineMath",
  level: "inline",
  start: (source) => source.match(/\$|\\[([]/)?.index,
  tokenizer: (source) =>
    mathToken(INLINE_DISPLAY_MATH.exec(source), "inlineMath", true) ??
    mathToken(INLINE_MATH.exec(source), "inlineMath", false),
  renderer: renderMath,
};

/** @type {import("marked").TokenizerAndRendererExtension} */
const plainBlock = {
  name: "plainBlock",
  level: "block",
  tokenizer(source) {
    return this.lexer instanceof BoundedLexer ? this.lexer.plainBlock(source) : undefined;
  },
  renderer: (token) => `<p class="plain">${escapeHtml(token.raw.trimEnd())}</p>`,
};

/** @type {import("marked").RendererExtension} */
const plainPiece = {
  name: "plainPiece",
  renderer: (token) => `<span class="plain">${escapeHtml(token.raw)}</span>`,
};

const marked = new Marked({
  gfm: true,
  extensions: [blockMath, inlineMath, plainBlock, plainPiece],
  renderer: {
    // Behind a raw `<kbd>` or `<script>` the lexer takes text for HTML that was escaped before; here none ever was.
    text: (token) => ("escaped" in token && token.escaped ? escapeHtml(token.text) : false),
    html: (token) => {
      const shown = HARMLESS_TAG.test(token.text.trim()) ? token.text : escapeHtml(token.text);
      return token.block ? `<p>${shown}</p>` : shown;
    },
    image: ({ href, text }) => (isOwnPicture(href) ? false : escapeHtml(`${text} ${shortened(href)}`.trim())),
    code: ({ text, lang }) =>
      `<pre><code data-language="${escapeHtml(languageOf(lang))}">${escapeHtml(text)}</code></pre>`,
  },
});

/**
 * @param {string} source
 * @returns {Token[]}
 */
export function tokensOf(source) {
  try {
    return new BoundedLexer(marked.defaults).lex(source);
  } catch (error) {
    // Whatever a text does to the parser, it can still be read.
    reportError(error);
    return [{ type: "plainBlock", raw: source }];
  }
}

/**
 * @param {Token} token of a block
 * @returns {string} HTML that is not clean yet
 */
export function htmlOf(token) {
  return marked.parser([token]);
}
