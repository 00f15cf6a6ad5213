/** What can be done with a conversation or a folder of the side list: by its menu, F2 and Delete. */

import { ApiError, post, send } from "./api.js";
import { askFor } from "./ask-for.js";
import { openItems } from "./menu.js";
import { announce, element, page, text } from "./page.js";
import { refreshSide, setTitle } from "./side-live.js";
import { toast } from "./toast.js";

/** @param {HTMLButtonElement} opener stands in the row that the menu is for */
export function openMenu(opener) {
  const row = opener.closest("[data-conversation], [data-folder-row]");
  if (!(row instanceof HTMLElement)) return;
  openItems(opener, row.dataset["folderRow"] ? folderItems(row) : conversationItems(row, opener));
}

/**
 * @param {string} key
 * @param {Element | null} focused the row with the focus; without one F2 is for the conversation that is shown
 */
export function onKey(key, focused) {
  const current = document.querySelector("#side [aria-current=page]")?.closest("[data-conversation]");
  const row = focused ?? current;
  if (!(row instanceof HTMLElement) || !("own" in row.dataset)) return;
  if (key === "F2") rename(row);
  else void remove(row);
}

/** After the page of a deleted conversation was left. */
export function offerUndo() {
  const stored = sessionStorage.getItem("deleted");
  sessionStorage.removeItem("deleted");
  if (!stored) return;
  const { id, title } = JSON.parse(stored);
  toast(text("deleted", { title }), {
    label: text("undo"),
    run: () => void tried(async () => {
      await post(`/api/conversations/${id}/restore`);
      location.assign(`/c/${id}/`);
    }),
  });
}

/**
 * @param {HTMLElement} row
 * @param {HTMLButtonElement} opener
 * @returns {import("./menu.js").Item[]}
 */
function conversationItems(row, opener) {
  const own = "own" in row.dataset;
  const pinned = "pinned" in row.dataset;
  return [
    ...(own ? [{ label: text("rename"), icon: "rename", keys: "F2", run: () => rename(row) }] : []),
    {
      label: text(pinned ? "unpin" : "pin"),
      icon: "pin",
      run: () => void change(row, { pinned: !pinned }),
    },
    { label: text("move"), icon: "folder", run: () => openItems(opener, folderChoices(row)) },
    ...(own ? ownItems(row) : []),
    { label: text("archive"), icon: "archive", run: () => void archive(row) },
    ...(own ? [{ label: text("delete"), icon: "bin", keys: "Del", run: () => void remove(row) }] : []),
  ];
}

/**
 * @param {HTMLElement} row
 * @returns {import("./menu.js").Item[]}
 */
function ownItems(row) {
  const id = row.dataset["conversation"] ?? "";
  return [
    {
      label: text("moveTo"),
      icon: "move",
      run: () => void import("./moving.js").then((moving) => moving.openMoving(id, nameOf(row))),
    },
    {
      label: text("shareTitle"),
      icon: "people",
      run: () => void import("./sharing.js").then((sharing) => sharing.openSharing(id)),
    },
  ];
}

/**
 * @param {HTMLElement} row
 * @returns {import("./menu.js").Item[]}
 */
function folderChoices(row) {
  const current = row.dataset["folder"];
  const known = [...document.querySelectorAll("#side-list [data-folder-row]")].map((folder) => ({
    id: folder.getAttribute("data-folder-row") ?? "",
    name: folder.querySelector("bdi")?.textContent ?? "",
  }));
  return [
    ...known
      .filter((folder) => folder.id !== current)
      .map((folder) => ({
        label: folder.name,
        icon: "folder",
        run: () => void change(row, { folder: folder.id, pinned: false }),
      })),
    ...(current ? [{ label: text("noFolder"), icon: "restore", run: () => void change(row, { folder: null }) }] : []),
    { label: text("newFolder"), icon: "new", run: () => void moveToNew(row) },
  ];
}

/**
 * @param {HTMLElement} row
 * @returns {import("./menu.js").Item[]}
 */
function folderItems(row) {
  const path = `/api/folders/${row.dataset["folderRow"]}`;
  return [
    {
      label: text("renameFolder"),
      icon: "rename",
      run: () => void tried(async () => {
        const name = await askFor(text("renameFolder"), text("folderName"), nameOf(row), 60);
        if (name) await send("PATCH", path, { name });
      }),
    },
    { label: text("deleteFolder"), icon: "bin", run: () => void tried(() => send("DELETE", path)) },
  ];
}

/** @param {HTMLElement} row */
async function moveToNew(row) {
  await tried(async () => {
    const name = await askFor(text("newFolder"), text("folderName"), "", 60);
    if (!name) return;
    const folder = await post("/api/folders", { workspace: page.workspace, name });
    await send("PATCH", pathOf(row), { folder: folder.id, pinned: false });
  });
}

/** @param {HTMLElement} row */
async function archive(row) {
  const path = pathOf(row);
  const title = nameOf(row);
  await tried(() => send("PATCH", path, { archived: true }));
  toast(text("archived", { title }), {
    label: text("undo"),
    run: () => void tried(() => send("PATCH", path, { archived: false })),
  });
}

/**
 * @param {HTMLElement} row
 * @param {object} changes
 */
async function change(row, changes) {
  await tried(() => send("PATCH", pathOf(row), changes));
}

/** @param {HTMLElement} row */
async function remove(row) {
  const id = row.dataset["conversation"] ?? "";
  const title = nameOf(row);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  await tried(async () => {
    await send("DELETE", pathOf(row));
    if (id === page.conversation) {
      sessionStorage.setItem("deleted", JSON.stringify({ id, title }));
      location.assign(`/w/${page.workspace}/`);
      return;
    }
    const link = next?.querySelector("a");
    if (link) link.focus();
    row.remove();
    toast(text("deleted", { title }), {
      label: text("undo"),
      run: () => void tried(async () => {
        await post(`/api/conversations/${id}/restore`);
        announce(text("undone"));
      }),
    });
  });
}

/**
 * In place of the link: Enter and leaving the field save, Escape does not.
 *
 * @param {HTMLElement} row
 */
function rename(row) {
  const link = element("a", HTMLAnchorElement, row);
  const place = element("bdi", HTMLElement, link);
  const field = document.createElement("input");
  field.className = "side__title";
  field.maxLength = 120;
  field.value = place.textContent.trim();
  field.setAttribute("aria-label", text("titleOf"));
  link.hidden = true;
  link.after(field);
  field.focus();
  field.select();
  let over = false;

  /** @param {boolean} save */
  async function end(save) {
    if (over) return;
    over = true;
    const title = field.value.trim();
    field.remove();
    link.hidden = false;
    link.focus();
    if (!save || !title || title === place.textContent.trim()) return;
    place.textContent = title;
    await tried(async () => {
      await send("PATCH", pathOf(row), { title });
      if (row.dataset["conversation"] === page.conversation) setTitle(title);
    });
  }

  field.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    void end(event.key === "Enter");
  });
  field.addEventListener("blur", () => void end(true));
}

/**
 * @param {() => Promise<unknown>} work after which the list is fetched anew, whether it succeeds or not
 */
async function tried(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message);
  }
  await refreshSide();
}

/** @param {HTMLElement} row */
function pathOf(row) {
  return `/api/conversations/${row.dataset["conversation"]}`;
}

/** @param {HTMLElement} row */
function nameOf(row) {
  return row.querySelector("bdi")?.textContent.trim() ?? "";
}
