// The tree of departments in the console: folded, searched, and departments moved by pointer or keyboard. A move only
// leads to the page that shows what it would change.

/**
 * @typedef {object} Entry
 * @property {HTMLTableRowElement} row
 * @property {string} id
 * @property {string} name
 * @property {number} level
 * @property {Entry | null} parent
 * @property {boolean} open
 * @property {HTMLButtonElement | null} twist
 * @property {boolean} fetched  Whether the rows below it are here.
 */

const table = /** @type {HTMLTableElement | null} */ (document.getElementById("tree"));
const words = document.getElementById("tree-words")?.dataset ?? {};
const state = document.getElementById("tree-status");
const topPlace = document.getElementById("tree-top");
const menu = document.getElementById("tree-menu");
const find = /** @type {HTMLInputElement | null} */ (document.getElementById("find"));

/** @type {Entry[]} */
let nodes = [];
/** @type {Entry[]} */
let unsearched = [];
/** @type {AbortController | null} */
let searching = null;
/** The address that rows are fetched from; empty: all of the tree is here. */
const lazy = table?.dataset["lazy"] ?? "";
/** @type {Map<HTMLElement, Entry>} */
const byRow = new Map();
/** @type {Entry | null} */
let picked = null;

if (table) begin(table);

/** @param {HTMLTableElement} shown */
function begin(shown) {
  const depth = Number(shown.dataset["depth"]);
  nodes = made([...(shown.tBodies[0]?.rows ?? [])], null, depth);
  if (nodes[0]) nodes[0].row.tabIndex = 0;
  show();
  shown.addEventListener("click", clicked);
  shown.addEventListener("keydown", pressed);
  shown.addEventListener("dragstart", dragged);
  shown.addEventListener("dragover", (event) => over(event, nodeOf(event.target)));
  shown.addEventListener("dragleave", () => mark(null));
  shown.addEventListener("drop", (event) => dropped(event, nodeOf(event.target)));
  shown.addEventListener("dragend", () => letGo(""));
  topPlace?.addEventListener("dragover", (event) => {
    event.preventDefault();
    topPlace.setAttribute("data-target", "");
  });
  topPlace?.addEventListener("dragleave", () => topPlace.removeAttribute("data-target"));
  topPlace?.addEventListener("drop", (event) => {
    event.preventDefault();
    if (picked) lead(picked, "top");
  });
  find?.addEventListener("input", search);
}

/**
 * The entries of rows that stand below one, or at the top.
 * @param {HTMLTableRowElement[]} rows
 * @param {Entry | null} top
 * @param {number} depth  The first level that is folded.
 */
function made(rows, top, depth) {
  /** @type {Entry[]} */
  const above = [];
  for (let at = top; at; at = at.parent) above[at.level - 1] = at;
  return rows.map((row) => {
    const level = Number(row.getAttribute("aria-level"));
    above.length = level - 1;
    const link = row.querySelector("a");
    /** @type {Entry} */
    const node = {
      row,
      id: row.dataset["id"] ?? "",
      name: link?.textContent ?? "",
      level,
      parent: above[level - 2] ?? null,
      open: level < depth,
      twist: null,
      fetched: !lazy || level < depth,
    };
    above[level - 1] = node;
    byRow.set(row, node);
    row.tabIndex = -1;
    row.draggable = row.hasAttribute("data-moves");
    if (link) link.draggable = false;
    if (!row.hasAttribute("data-rest")) equip(node);
    return node;
  });
}

/**
 * Rows of a tree that is too large to be here as a whole.
 * @param {Record<string, string>} query
 * @param {AbortSignal | null} signal
 */
async function fetchRows(query, signal = null) {
  const answer = await fetch(`${lazy}?${new URLSearchParams(query)}`, { signal });
  if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
  const text = `<table><tbody>${await answer.text()}</tbody></table>`;
  const rows = new DOMParser().parseFromString(text, "text/html").querySelectorAll("tr");
  return [...rows].map((row) => document.importNode(row, true));
}

/** @param {Entry} node */
async function fetchBelow(node) {
  node.fetched = true;
  try {
    const rows = await fetchRows({ below: node.id });
    node.row.after(...rows);
    nodes.splice(nodes.indexOf(node) + 1, 0, ...made(rows, node, 0));
    show();
  } catch {
    node.fetched = node.open = false;
    show();
    say(words["lost"] ?? "");
  }
}

/**
 * The buttons of a row: fold and unfold, and the menu.
 * @param {Entry} node
 */
function equip(node) {
  const first = node.row.cells[0];
  if (node.row.hasAttribute("data-parent")) {
    node.twist = makeButton("company-twist", `${words["fold"]}: ${node.name}`, "▸");
    first?.prepend(node.twist);
  } else {
    const leaf = document.createElement("span");
    leaf.className = "company-leaf";
    first?.prepend(leaf);
  }
  const more = makeButton("company-more", `${words["actions"]} ${node.name}`, "⋯");
  more.setAttribute("aria-haspopup", "menu");
  node.row.cells[3]?.append(more);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} sign
 */
function makeButton(name, label, sign) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = name;
  made.setAttribute("aria-label", label);
  made.textContent = sign;
  made.tabIndex = -1;
  return made;
}

/** Hide what lies below a folded row. */
function show() {
  for (const node of nodes) {
    const parent = node.parent;
    node.row.hidden = parent !== null && (parent.row.hidden || !parent.open);
    if (node.twist) {
      node.row.setAttribute("aria-expanded", String(node.open));
      node.twist.textContent = node.open ? "▾" : "▸";
    }
  }
}

/** @param {EventTarget | null} target */
function nodeOf(target) {
  const row = target instanceof Element ? target.closest("tr") : null;
  return row ? (byRow.get(row) ?? null) : null;
}

/** @param {MouseEvent} event */
function clicked(event) {
  const pressedOn = event.target instanceof Element ? event.target.closest("button") : null;
  const node = nodeOf(event.target);
  if (!pressedOn || !node) return;
  if (pressedOn === node.twist) {
    turn(node, !node.open);
  } else {
    openMenu(node, pressedOn);
  }
  focusOn(node, false);
}

/**
 * @param {Entry} node
 * @param {HTMLElement} beside
 */
function openMenu(node, beside) {
  if (!menu) return;
  const address = node.row.dataset["url"] ?? "";
  for (const link of menu.querySelectorAll("a")) {
    const act = link.dataset["act"] ?? "";
    const needs = link.dataset["needs"];
    link.hidden = needs !== undefined && !node.row.hasAttribute(`data-${needs}`);
    link.href = act === "open" ? address : act === "add" ? `${menu.dataset["add"]}?under=${node.id}` : `${address}${act}/`;
  }
  const place = beside.getBoundingClientRect();
  menu.showPopover();
  const left = Math.max(8, Math.min(place.left, window.innerWidth - menu.offsetWidth - 8));
  const below = place.bottom + menu.offsetHeight + 8 < window.innerHeight;
  menu.style.left = `${left + window.scrollX}px`;
  menu.style.top = `${(below ? place.bottom + 4 : place.top - menu.offsetHeight - 4) + window.scrollY}px`;
  menu.querySelector("a")?.focus();
  menu.addEventListener("toggle", () => node.row.focus(), { once: true });
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const node = nodeOf(event.target);
  if (!node || event.target !== node.row || event.altKey || event.ctrlKey || event.metaKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(node);
}

/** @type {Record<string, (node: Entry) => void>} */
const KEYS = {
  ArrowDown: (node) => step(node, 1),
  ArrowUp: (node) => step(node, -1),
  ArrowRight: (node) => (node.twist && !node.open ? turn(node, true) : step(node, 1)),
  ArrowLeft: (node) => (node.twist && node.open ? turn(node, false) : node.parent && focusOn(node.parent)),
  Home: () => focusOn(nodes[0]),
  End: () => focusOn(nodes.findLast((node) => !node.row.hidden)),
  " ": pick,
  Enter: (node) => (picked ? place(node) : node.row.dataset["url"] && window.location.assign(node.row.dataset["url"])),
  Escape: () => picked && letGo(words["dropped"] ?? ""),
  m: (node) => node.row.hasAttribute("data-moves") && window.location.assign(`${node.row.dataset["url"]}move/`),
  ".": (node) => {
    const more = node.row.querySelector(".company-more");
    if (more instanceof HTMLElement) openMenu(node, more);
  },
};

/**
 * @param {Entry} node
 * @param {boolean} open
 */
function turn(node, open) {
  node.open = open;
  show();
  if (open && !node.fetched) void fetchBelow(node);
}

/**
 * @param {Entry} node
 * @param {number} by
 */
function step(node, by) {
  let at = nodes.indexOf(node) + by;
  while (nodes[at]?.row.hidden) at += by;
  focusOn(nodes[at]);
}

/**
 * One row is in the order of the tab key; the arrows choose which.
 * @param {Entry | undefined} node
 * @param {boolean} focus
 */
function focusOn(node, focus = true) {
  if (!node) return;
  for (const other of nodes) other.row.tabIndex = other === node ? 0 : -1;
  if (focus) node.row.focus();
}

/** @param {Entry} node */
function pick(node) {
  if (!node.row.hasAttribute("data-moves")) {
    say(words["refused"] ?? "");
    return;
  }
  letGo("");
  picked = node;
  node.row.setAttribute("data-picked", "");
  say(`${node.name} ${words["picked"]}`);
}

/** @param {Entry} node */
function place(node) {
  if (picked && takes(node)) lead(picked, node.id);
  else say(words["refused"] ?? "");
}

/**
 * Whether what was picked up can go under a department: not under itself, nor where it is already.
 * @param {Entry} node
 */
function takes(node) {
  if (!picked || picked.parent === node || !node.row.hasAttribute("data-manages")) return false;
  for (let at = /** @type {Entry | null} */ (node); at; at = at.parent) if (at === picked) return false;
  return true;
}

/**
 * @param {Entry} node
 * @param {string} target
 */
function lead(node, target) {
  const address = node.row.dataset["url"];
  letGo("");
  window.location.assign(`${address}move/?to=${target}`);
}

/** @param {DragEvent} event */
function dragged(event) {
  const node = nodeOf(event.target);
  if (!node || !event.dataTransfer) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", node.name);
  pick(node);
  // Changing the page while a drag begins would end it.
  if (topPlace && node.level > 1) window.setTimeout(() => (topPlace.hidden = false), 0);
}

/**
 * @param {DragEvent} event
 * @param {Entry | null} node
 */
function over(event, node) {
  if (!node || !takes(node)) {
    mark(null);
    return;
  }
  event.preventDefault();
  mark(node);
}

/**
 * @param {DragEvent} event
 * @param {Entry | null} node
 */
function dropped(event, node) {
  event.preventDefault();
  if (node) place(node);
}

/** @param {Entry | null} node */
function mark(node) {
  for (const marked of table?.querySelectorAll("[data-target]") ?? []) marked.removeAttribute("data-target");
  node?.row.setAttribute("data-target", "");
}

/** @param {string} said */
function letGo(said) {
  picked?.row.removeAttribute("data-picked");
  picked = null;
  mark(null);
  if (topPlace) {
    topPlace.hidden = true;
    topPlace.removeAttribute("data-target");
  }
  say(said);
}

/** @param {string} said */
function say(said) {
  if (state) state.textContent = said;
}

function search() {
  const wanted = find?.value.trim().toLocaleLowerCase() ?? "";
  if (lazy) {
    void searchAll(wanted);
    return;
  }
  if (!wanted) {
    say("");
    show();
    return;
  }
  let found = 0;
  for (const node of nodes) node.row.hidden = true;
  for (const node of nodes) {
    if (!node.name.toLocaleLowerCase().includes(wanted)) continue;
    found += 1;
    for (let at = /** @type {Entry | null} */ (node); at; at = at.parent) at.row.hidden = false;
  }
  say(`${found} ${words["found"]}`);
}

/**
 * Of a tree that is not here as a whole: what is found takes its place until the search is over.
 * @param {string} wanted
 */
async function searchAll(wanted) {
  searching?.abort();
  const mine = (searching = new AbortController());
  letGo("");
  if (!wanted) {
    if (unsearched.length) replace(unsearched);
    unsearched = [];
    return;
  }
  await new Promise((resolve) => window.setTimeout(resolve, 250));
  if (mine.signal.aborted) return;
  try {
    const rows = await fetchRows({ find: wanted }, mine.signal);
    if (!unsearched.length) unsearched = nodes;
    replace(made(rows, null, Infinity));
    say(rows.length ? (words["shown"] ?? "") : (words["none"] ?? ""));
  } catch {
    if (!mine.signal.aborted) say(words["lost"] ?? "");
  }
}

/** @param {Entry[]} shown */
function replace(shown) {
  table?.tBodies[0]?.replaceChildren(...shown.map((node) => node.row));
  nodes = shown;
  show();
  focusOn(nodes[0], false);
}

export {};
