/**
 * Shows a page of its own where the appliance cannot be reached, and brings a person back to the tab that a
 * notification speaks of. It keeps that page and what the page shows: never an answer, never a conversation.
 *
 * The server writes before it what is kept (portal/workspace/shell_views.py).
 */
(() => {
  /** The types of a worker and of a page exclude each other. */
  const worker = /** @type {any} */ (self);
  /** @type {{ page: string, parts: string[], version: string }} */
  const kept = worker.kept;
  const CACHE = `offline-${kept.version}`;

  async function install() {
    const cache = await caches.open(CACHE);
    await cache.addAll([kept.page, ...kept.parts].map((address) => new Request(address, { cache: "reload" })));
    await worker.skipWaiting();
  }

  async function activate() {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    // The page's request goes out while the worker starts.
    await worker.registration.navigationPreload?.enable();
    await worker.clients.claim();
  }

  worker.addEventListener("install", (/** @type {any} */ event) => {
    event.waitUntil(install());
    // What needs no answer of this worker does not wait for it.
    const passing = ["", "script", "font"].map((requestDestination) => ({ requestDestination }));
    event.addRoutes?.({ condition: { or: passing }, source: "network" })?.catch(() => {});
  });
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));

  /** @param {any} event */
  async function pageOrApology(event) {
    try {
      return (await event.preloadResponse) ?? (await fetch(event.request));
    } catch (error) {
      const apology = await caches.match(kept.page);
      if (apology) return apology;
      throw error;
    }
  }

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    if (request.mode === "navigate") event.respondWith(pageOrApology(event));
    else if (kept.parts.includes(new URL(request.url).pathname)) {
      event.respondWith(fetch(request).catch(async (error) => (await caches.match(request.url)) ?? Promise.reject(error)));
    }
  });

  /** @param {string} address */
  async function show(address) {
    const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    const found = windows.find((/** @type {{ url: string }} */ { url }) => new URL(url).pathname === address);
    if (found) await found.focus();
    else await worker.clients.openWindow(address);
  }

  worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    event.waitUntil(show(event.notification.data?.address ?? "/"));
  });
})();
