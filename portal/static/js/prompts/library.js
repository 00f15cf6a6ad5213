/** The page of the prompt library. */

import { ApiError, get, post, send } from "../api.js";
import { announce, element, text } from "../page.js";
import { toast } from "../toast.js";
import { editPrompt } from "./editor.js";

const problem = element("[data-problem]", HTMLElement);

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  if (button.matches("[data-make]")) void edit(null);
  const row = button.closest("[data-prompt]");
  if (!(row instanceof HTMLElement)) return;
  const address = `/api/prompts/${row.dataset["prompt"]}`;
  if (button.matches("[data-edit]")) void told(async () => edit(await get(address)));
  else if (button.matches("[data-copy]")) void told(() => copy(address));
  else if (button.matches("[data-delete]")) void told(() => remove(row, address));
});

/** @param {Prompt | null} prompt */
async function edit(prompt) {
  if (await editPrompt(prompt)) location.reload();
}

/** @param {string} address */
async function copy(address) {
  await post(`${address}/copy`);
  location.assign("/prompts/?of=own");
}

/**
 * @param {HTMLElement} row
 * @param {string} address
 */
async function remove(row, address) {
  /** @type {Prompt} */
  const prompt = await get(address);
  await send("DELETE", address);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  next?.querySelector("a")?.focus();
  element("[data-empty]", HTMLElement).hidden = document.querySelector("[data-prompt]") !== null;
  toast(text("deleted", { title: prompt.name }), {
    label: text("undo"),
    run: () => void told(() => bringBack(prompt)),
  });
}

/** @param {Prompt} prompt */
async function bringBack(prompt) {
  const { name, description } = prompt;
  const place = { workspace: prompt.workspace?.id ?? null, department: prompt.department?.id ?? null };
  await post("/api/prompts", { name, description, text: prompt.text, ...place });
  announce(text("undone"));
  location.reload();
}

/** @param {() => Promise<void>} act */
async function told(act) {
  problem.hidden = true;
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem.textContent = error.message;
    problem.hidden = false;
  }
}
