import { text } from "./page.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} icon
 * @property {string} [keys]
 * @property {() => void} run
 */

/** @type {(() => void) | null} */
let closeOpen = null;

/**
 * A menu beside the button that opened it (ARIA's menu-button pattern).
 *
 * @param {HTMLButtonElement} opener
 * @param {Item[]} items
 */
export function openItems(opener, items) {
  closeOpen?.();
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", text("menu"));
  menu.append(...items.map((item) => row(item, close)));
  document.body.append(menu);
  opener.ariaExpanded = "true";
  place(menu, opener);
  focusOn(menu, 0);

  /** @param {boolean} [back] */
  function close(back = true) {
    closeOpen = null;
    menu.remove();
    opener.ariaExpanded = "false";
    document.removeEventListener("pointerdown", outside, true);
    if (back) opener.focus();
  }
  /** @param {PointerEvent} event */
  function outside(event) {
    if (event.target instanceof Node && !menu.contains(event.target)) close(false);
  }
  closeOpen = () => close(false);
  document.addEventListener("pointerdown", outside, true);
  menu.addEventListener("keydown", (event) => {
    const at = [...menu.children].indexOf(document.activeElement ?? menu);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) focusOn(menu, to);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
  });
}

/**
 * @param {Item} item
 * @param {() => void} close
 */
function row(item, close) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "menu__item";
  made.tabIndex = -1;
  made.setAttribute("role", "menuitem");
  const label = document.createElement("bdi");
  label.textContent = item.label;
  made.append(iconOf(item.icon), label);
  if (item.keys) {
    const keys = document.createElement("kbd");
    keys.textContent = item.keys;
    made.append(keys);
  }
  made.addEventListener("click", () => {
    close();
    item.run();
  });
  return made;
}

/** @param {string} name of an icon, from the file that the page's own icons are from */
export function iconOf(name) {
  const known = document.querySelector("svg.icon use")?.getAttribute("href") ?? "";
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", known.replace(/#.*$/, `#${name}`));
  icon.append(use);
  return icon;
}

/**
 * @param {HTMLElement} menu
 * @param {number} at from the end where it is negative; beyond the last comes the first
 */
function focusOn(menu, at) {
  const items = [...menu.children];
  const item = items.at(at % items.length);
  if (item instanceof HTMLElement) item.focus();
}

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 */
function place(menu, opener) {
  const around = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = around.bottom + 4;
  menu.style.top = `${below + height > innerHeight ? Math.max(8, around.top - height - 4) : below}px`;
  menu.style.left = `${Math.min(Math.max(8, around.left), innerWidth - width - 8)}px`;
}
