/**
 * The worker that shows a page where the appliance cannot be reached, and notifications. Only a secure context has one:
 * HTTPS, or the machine itself.
 */

const ADDRESS = "/service-worker.js";

/** @type {Promise<ServiceWorkerRegistration | null> | undefined} */
let registration;

/**
 * @returns {Promise<ServiceWorkerRegistration | null>} null where there can be none
 */
export function appWorker() {
  registration ??= register();
  return registration;
}

/** @returns {Promise<ServiceWorkerRegistration | null>} */
async function register() {
  if (!navigator.serviceWorker) return null;
  const policy = window.trustedTypes?.createPolicy("own-worker", { createScriptURL: (address) => address });
  // The type of register knows nothing of trusted types.
  const address = /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(ADDRESS) ?? ADDRESS));
  try {
    return await navigator.serviceWorker.register(address, { scope: "/", updateViaCache: "none" });
  } catch {
    // Switched off in this browser, or the appliance is away: the page works without it.
    return null;
  }
}
