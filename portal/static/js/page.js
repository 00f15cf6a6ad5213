/**
 * The first element of `within` that matches, of the class that the caller needs.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {{ new (): T }} kind
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function element(selector, kind, within = document) {
  const found = within.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} at ${selector}`);
}

/**
 * A copy of the single element in a `<template>`.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function copyOfTemplate(id) {
  const copy = document.importNode(element(`template#${id}`, HTMLTemplateElement).content, true);
  return element("*", HTMLElement, copy);
}

/** @type {PageData} */
export const page = JSON.parse(element("#page-data", HTMLScriptElement).textContent);

/** Asked at each key, so without a look through the whole page: dialogs stand directly in its body. */
export function dialogIsOpen() {
  return [...document.body.children].some((child) => child instanceof HTMLDialogElement && child.open);
}

/** Names the branch that is shown, where it is not the conversation's own. */
export function branchQuery() {
  return page.at ? `&at=${page.at}` : "";
}

/**
 * A translated sentence with its `{places}` filled.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function text(name, values = {}) {
  const sentence = page.strings[name];
  if (sentence === undefined) throw new Error(`No sentence is named ${name}`);
  return sentence.replace(/\{(\w+)\}/g, (place, key) => String(values[key] ?? place));
}

/**
 * Why an answer failed, in words, from the code that its journal has.
 *
 * @param {string} code
 */
export function failure(code) {
  return page.strings[`failed ${code}`] ?? text("failed");
}

const announcer = element("#announcer", HTMLElement);

/**
 * Have a screen reader say this once, politely.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  announcer.textContent = sentence;
}

/** @param {string} content */
export async function copyToClipboard(content) {
  if (navigator.clipboard) return navigator.clipboard.writeText(content);
  // On plain HTTP browsers offer only the older way.
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = content;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/**
 * Copy, and say so on the button for a moment.
 *
 * @param {HTMLButtonElement} button
 * @param {string} content
 */
export async function copyFrom(button, content) {
  await copyToClipboard(content);
  announce(text("copied"));
  const use = button.querySelector("use");
  const before = use?.getAttribute("href");
  if (!use || !before || before.endsWith("#check")) return;
  use.setAttribute("href", before.replace("#copy", "#check"));
  setTimeout(() => use.setAttribute("href", before), 1500);
}

/**
 * Do something whenever there is something new of a kind in the conversation that is shown.
 *
 * @param {string} what `messages`, `title`, `comments`, `shared`
 * @param {() => void} handler
 */
export function onNews(what, handler) {
  document.addEventListener("conversation-news", (event) => {
    if (!(event instanceof CustomEvent) || event.detail.conversation !== page.conversation) return;
    if (event.detail.what === what || event.detail.what === "all") handler();
  });
}
