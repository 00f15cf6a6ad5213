// After htmx: no inline style element and no evaluated attributes, so that the content security policy stays strict.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;

// Select2's boxes and Unfold's inlines leave out the names of their fields, which their labels and columns have.
/** @param {Element} field */
const nameOf = (field) =>
  document.querySelector(`label[for="${CSS.escape(field.id)}"]`)?.textContent?.replace("*", "").trim() ||
  field.closest("td")?.getAttribute("data-label")?.trim() ||
  "";

window.addEventListener("load", () => {
  for (const field of document.querySelectorAll("select[id]")) {
    const name = nameOf(field);
    if (!name) continue;
    field.setAttribute("aria-label", name);
    for (const box of field.parentElement?.querySelectorAll(".select2-selection, .select2-selection__rendered") ?? []) {
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", name);
    }
  }
});
