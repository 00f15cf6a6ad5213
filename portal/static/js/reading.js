/** A page that is read under break-glass: its answers are shown and followed, and it goes when its time is up. */

import { AnswerView } from "./answer.js";
import { showQuestion } from "./markdown/clean.js";
import { page } from "./page.js";
import { RunSocket } from "./socket.js";

const banner = document.querySelector("[data-seconds-left]");
if (banner instanceof HTMLElement) {
  setTimeout(() => location.reload(), (Number(banner.dataset["secondsLeft"]) + 1) * 1000);
}

for (const question of document.querySelectorAll("[data-question]")) showQuestion(/** @type {HTMLElement} */ (question));

document.addEventListener("click", (event) => {
  const shown = event.target instanceof Element ? event.target.closest("[data-preview]") : null;
  if (!(shown instanceof HTMLElement)) return;
  void import("./preview.js").then((preview) => preview.showPreview(shown.dataset["preview"] ?? ""));
});

/** @type {RunSocket | undefined} */
let socket;
for (const root of document.querySelectorAll("#messages > [data-answer]")) {
  if (!(root instanceof HTMLElement)) continue;
  const answer = new AnswerView(root);
  if (answer.isFinal) continue;
  socket ??= new RunSocket(page.socketPath, () => {});
  socket.follow(
    answer.run,
    0,
    (event) => answer.apply(event),
    () => location.reload(),
  );
}
