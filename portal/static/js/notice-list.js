import { dismissNotice } from "./notices.js";

document.addEventListener("click", (event) => void dismissNotice(event));
