import { element, text } from "./page.js";

/** An answer of the server that is not a success, or none at all (`status` 0), told in words for people. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The page itself is out of date: only loading it again helps. */
  get needsReload() {
    return this.status === 401 || this.code === "csrf";
  }
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function errorOf(response) {
  /** @type {{ error?: { code?: string, message?: string } }} */
  const body = await response.json().catch(() => ({}));
  const code = body.error?.code ?? "unknown";
  return new ApiError(response.status, code, sentenceFor(response, code, body.error?.message));
}

/**
 * @param {Response} response
 * @param {string} code
 * @param {string | undefined} said
 */
function sentenceFor(response, code, said) {
  if (response.status === 401) return text("signedOut");
  if (code === "csrf") return text("outOfDate");
  if (response.status === 429) return text("tooMany", { seconds: response.headers.get("Retry-After") ?? 30 });
  if (response.status === 413) return said ?? text("tooLong");
  if (response.status >= 500) return text("serverTrouble");
  return said ?? text("refused");
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, credentials: "same-origin", redirect: "manual" });
  } catch {
    throw new ApiError(0, "network", text("noConnection"));
  }
  // The only redirect that a module's request can meet leads to the sign-in page.
  if (response.type === "opaqueredirect") throw new ApiError(401, "not_signed_in", text("signedOut"));
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** Markup that the server's own templates made; the only HTML that is taken as it is. */
const serverMarkup = window.trustedTypes?.createPolicy("server-markup", { createHTML: (html) => html });

/**
 * A part of a page, and what its header `X-Branch` says of it.
 *
 * @param {string} path
 * @returns {Promise<{ fragment: DocumentFragment, branch: string | null }>}
 * @throws {ApiError}
 */
export async function getFragment(path) {
  const response = await request(path, { headers: { Accept: "text/html" } });
  const html = await response.text();
  const template = document.createElement("template");
  // The type of innerHTML knows nothing of trusted types.
  template.innerHTML = /** @type {string} */ (/** @type {unknown} */ (serverMarkup?.createHTML(html) ?? html));
  return { fragment: document.importNode(template.content, true), branch: response.headers.get("X-Branch") };
}

/**
 * @param {string} path
 * @param {object} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export function post(path, body = {}, headers = {}) {
  return send("POST", path, body, headers);
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export function patch(path, body) {
  return send("PATCH", path, body);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} body
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
async function send(method, path, body, headers = {}) {
  const token = element("meta[name=csrf-token]", HTMLMetaElement).content;
  const response = await request(path, {
    method,
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token, ...headers },
    body: JSON.stringify(body),
  });
  return response.json();
}
