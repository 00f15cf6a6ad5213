/** The ways to have a question answered again: with another depth of thinking, or by another engine. */

import { copyOfTemplate, element, page, text } from "./page.js";

/**
 * @param {HTMLButtonElement} button
 * @param {Effort} effort of the composer
 * @param {(manner: Effort) => void} onChoice
 */
export function openMenu(button, effort, onChoice) {
  if (button.ariaExpanded === "true") return;
  const menu = copyOfTemplate("menu-template");
  for (const { label, manner } of choices(effort)) {
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
 * @param {Effort} effort
 * @returns {{ label: string, manner: Effort }[]}
 */
function choices(effort) {
  const engines = page.engines ?? [];
  const found = (page.depths ?? []).map(({ value, label }) => ({
    label: text("againThinking", { depth: label }),
    manner: /** @type {Effort} */ ({ thinking: value }),
  }));
  if (engines.length < 2) return found;
  return found.concat(
    engines.map((engine) => ({
      label: text("againEngine", { engine: engine.name }),
      manner: { ...asFarAs(engine, effort), engine: engine.id },
    })),
  );
}

/**
 * @param {{ thinks: boolean, budgets: boolean }} engine
 * @param {Effort} effort
 * @returns {Effort} what the engine can do of it
 */
function asFarAs(engine, effort) {
  if (!engine.thinks) return { thinking: "off" };
  return effort.thinking === "budgeted" && !engine.budgets ? { thinking: "deep" } : effort;
}
