// A classic script in the head: the chosen theme must stand before the first paint.
(() => {
  const KEY = "theme";
  const root = document.documentElement;

  /** @returns {string | null} */
  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // Storage is switched off: the system's choice stays.
    }
  }

  /** @param {string} theme */
  function remember(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage is switched off: the choice lasts for this page.
    }
  }

  const chosen = remembered();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-theme-switch]") : null;
    if (!target) return;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember(root.dataset.theme);
  });
})();
