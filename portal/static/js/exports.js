/** The menu of exports: its links lead to the conversation that is shown now, which may have begun after the page came. */

const menu = document.querySelector("[data-exports]");

/** Fill in the addresses, as the menu opens. */
export function prepare() {
  const shown = /^\/c\/([0-9a-f-]{36})\/$/.exec(location.pathname);
  if (!shown || !menu) return;
  for (const link of menu.querySelectorAll("a[data-export]")) {
    if (link instanceof HTMLAnchorElement) link.href = `/api/conversations/${shown[1]}/export${link.dataset["export"]}`;
  }
}

/** @param {boolean} focus whether the button gets the focus back */
function close(focus) {
  if (!(menu instanceof HTMLDetailsElement) || !menu.open) return false;
  menu.open = false;
  if (focus) menu.querySelector("summary")?.focus();
  return true;
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (!menu?.contains(event.target) || event.target.closest("a[data-export]")) close(false);
});
document.addEventListener(
  "keydown",
  (event) => {
    // Before the page's own Escape, which would stop the answer.
    if (event.key === "Escape" && close(true)) event.preventDefault();
  },
  { capture: true },
);
