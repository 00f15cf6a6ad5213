import { element } from "./page.js";

/**
 * A link of the model is opened only after the reader has seen where it leads: its address may carry what the model
 * has read.
 *
 * @param {string} address
 */
export function confirmLink(address) {
  const dialog = element("#link-dialog", HTMLDialogElement);
  element("[data-address]", HTMLElement, dialog).textContent = address;
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue === "open") window.open(address, "_blank", "noopener,noreferrer");
    },
    { once: true },
  );
  dialog.showModal();
}
