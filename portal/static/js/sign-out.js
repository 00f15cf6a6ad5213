/** Signing out leaves nothing of what somebody has begun to write in this browser. */

document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !event.target.matches("[data-sign-out]")) return;
  const field = document.querySelector("#question");
  // Else the page would keep it once more as it goes.
  if (field instanceof HTMLTextAreaElement) field.value = "";
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);
  } catch {
    // Storage is switched off: there are none.
  }
});
