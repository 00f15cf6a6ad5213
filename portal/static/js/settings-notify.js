import { appWorker } from "./app-worker.js";
import { element, page } from "./page.js";
import { want, wanted } from "./wanted.js";

/** The choice on the page of settings; the browser asks for its permission on this click, and at no other time. */

const person = page.person ?? "";
const box = element("[data-notify]", HTMLInputElement);
const withTitle = element("[data-notify-title]", HTMLInputElement);
const problem = element("[data-notify-problem]", HTMLElement);
const nowhere = element("[data-notify-nowhere]", HTMLElement);

function show() {
  const possible = "Notification" in window && "serviceWorker" in navigator;
  const refused = possible && Notification.permission === "denied";
  const choice = possible && Notification.permission === "granted" ? wanted(person) : "";
  box.disabled = !possible;
  box.checked = choice !== "";
  withTitle.disabled = choice === "";
  withTitle.checked = choice === "title";
  nowhere.hidden = possible;
  problem.hidden = !refused;
}

async function change() {
  if (!box.checked) want(person, "");
  else if ((await Notification.requestPermission()) === "granted") {
    want(person, withTitle.checked ? "title" : "plain");
    await appWorker();
  }
  show();
}

box.addEventListener("change", () => void change());
withTitle.addEventListener("change", () => void change());
show();
