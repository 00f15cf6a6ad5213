import { text } from "./page.js";

const SHOWN_MS = 8_000;

/** @type {HTMLElement | null} */
let shown = null;

/**
 * Say something at the foot of the page for a while; it stays for as long as the pointer or the focus is on it.
 *
 * @param {string} message
 * @param {{ label: string, run: () => void }} [action]
 */
export function toast(message, action) {
  shown?.remove();
  const box = document.createElement("div");
  box.className = "toast";
  box.setAttribute("role", "status");
  const said = document.createElement("bdi");
  box.append(said);
  if (action) box.append(button(action.label, () => void (box.remove(), action.run())));
  box.append(button(text("close"), () => box.remove(), "toast__close"));
  document.body.append(box);
  // A live region speaks of what changes in it, and not of what it came with.
  requestAnimationFrame(() => (said.textContent = message));
  shown = box;
  let left = SHOWN_MS;
  const timer = setInterval(() => {
    if (!box.matches(":hover, :focus-within")) left -= 250;
    if (left > 0 && box.isConnected) return;
    clearInterval(timer);
    box.remove();
  }, 250);
}

/**
 * @param {string} label
 * @param {() => void} run
 * @param {string} [kind]
 */
function button(label, run, kind = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${kind}`;
  made.textContent = label;
  made.addEventListener("click", run);
  return made;
}
