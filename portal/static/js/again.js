/** The ways to have a question answered again: with another depth of thinking, or by another engine. */

import { copyOfTemplate, element, page, text } from "./page.js";

/** @typedef {{ thinking: Thinking, engine?: string }} Manner */

/**
 * @param {HTMLButtonElement} button
 * @param {Thinking} thinking of the composer
 * @param {(manner: Manner) => void} onChoice
 */
export function openMenu(button, thinking, onChoice) {
  if (button.ariaExpanded === "true") return;
  const menu = copyOfTemplate("menu-template");
  for (const { label, manner } of choices(thinking)) {
    const item = document.createElement("button");
    item.type = "button";
    item.role = "menuitem";
    item.textContent = label;
    item.addEventListener("click", () => {
      close();
      onChoice(manner);
    });
    menu.append(item);
  }
  const items = /** @type {HTMLElement[]} */ ([...menu.children]);

  function close() {
    menu.remove();
    button.ariaExpanded = "false";
    document.removeEventListener("pointerdown", onPress);
  }

  /** @param {Event} event */
  function onPress(event) {
    if (event.target instanceof Node && !menu.contains(event.target)) close();
  }

  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const way = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (way !== undefined) items[way % items.length]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      close();
      button.focus();
    } else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("pointerdown", onPress);
  button.ariaExpanded = "true";
  button.after(menu);
  const most = (menu.parentElement?.clientWidth ?? 0) - menu.offsetWidth;
  menu.style.left = `${Math.max(0, Math.min(button.offsetLeft, most))}px`;
  // In a short window the menu must not end below its edge.
  element("#scroller", HTMLElement).scrollTop += Math.max(0, menu.getBoundingClientRect().bottom - dockTop());
  items[0]?.focus();
}

function dockTop() {
  return element(".dock", HTMLElement).getBoundingClientRect().top - 8;
}

/**
 * @param {Thinking} thinking
 * @returns {{ label: string, manner: Manner }[]}
 */
function choices(thinking) {
  const engines = page.engines ?? [];
  const depths = engines[0]?.thinks ? (page.depths ?? []) : (page.depths ?? []).slice(0, 1);
  const found = depths.map(({ value, label }) => ({
    label: text("againThinking", { depth: label }),
    manner: /** @type {Manner} */ ({ thinking: value }),
  }));
  if (engines.length < 2) return found;
  return found.concat(
    engines.map((engine) => ({
      label: text("againEngine", { engine: engine.name }),
      manner: { thinking: engine.thinks ? thinking : "off", engine: engine.id },
    })),
  );
}
