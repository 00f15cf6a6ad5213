import "./settings-notify.js";
import { ApiError, send } from "./api.js";
import { element } from "./page.js";

const language = element("[data-language]", HTMLSelectElement);
const problem = element("[data-problem]", HTMLElement);

language.addEventListener("change", async () => {
  problem.hidden = true;
  language.disabled = true;
  try {
    await send("PATCH", "/api/me", { language: language.value });
    location.reload();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    language.disabled = false;
    problem.textContent = error.message;
    problem.hidden = false;
  }
});
