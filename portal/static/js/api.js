import { element, text } from "./page.js";

/** An answer of the server that is not a success, or none at all (`status` 0), told in words for people. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {object} [details]
   */
  constructor(status, code, message, details = {}) {
    super(message);
    this.details = details;
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
  /** @type {{ error?: { code?: string, message?: string, details?: object } }} */
  const body = await response.json().catch(() => ({}));
  const code = body.error?.code ?? "unknown";
  return new ApiError(response.status, code, sentenceFor(response, code, body.error?.message), body.error?.details);
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
 * @param {Blob} piece
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function put(path, piece) {
  const token = element("meta[name=csrf-token]", HTMLMetaElement).content;
  const response = await request(path, {
    method: "PUT",
    headers: { Accept: "application/json", "Content-Type": "application/octet-stream", "X-CSRFToken": token },
    body: piece,
  });
  return response.json();
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function get(path) {
  return (await request(path, { headers: { Accept: "application/json" } })).json();
}

/**
 * @param {string} path
 * @throws {ApiError}
 */
export async function remove(path) {
  const token = element("meta[name=csrf-token]", HTMLMetaElement).content;
  await request(path, { method: "DELETE", headers: { Accept: "application/json", "X-CSRFToken": token } });
}

/**
 * What to say of an upload that was not taken. Its progress can be followed in no other kind of request.
 *
 * @param {XMLHttpRequest} sent
 */
export function uploadError(sent) {
  /** @type {{ error?: { code?: string, message?: string } }} */
  let body = {};
  try {
    body = JSON.parse(sent.responseText);
  } catch {
    // A proxy's page; its status says enough.
  }
  if (sent.status === 413) return body.error?.message ?? text("fileTooLarge");
  const headers = { "Retry-After": sent.getResponseHeader("Retry-After") ?? "30" };
  const response = new Response(null, { status: Math.max(200, sent.status), headers });
  return sentenceFor(response, body.error?.code ?? "unknown", body.error?.message);
}

/**
 * @param {string} path
 * @param {object} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function post(path, body = {}, headers = {}) {
  return send("POST", path, body, headers);
}

/**
 * @param {"GET" | "POST" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {object} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>} what came back; null where nothing does
 * @throws {ApiError}
 */
export async function send(method, path, body, headers = {}) {
  const token = element("meta[name=csrf-token]", HTMLMetaElement).content;
  const response = await request(path, {
    method,
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token, ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return response.status === 204 ? null : response.json();
}
