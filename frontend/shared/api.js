/** An answer that refuses: `code`, `detail` and `errors` of the problem document, `status` of the response. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.code = body.code || "error";
    this.body = body;
    this.errors = body.errors || [];
  }
}

const OFFLINE = { code: "offline", detail: "The server can't be reached. Check the connection and try again." };

function cookie(name) {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

async function call(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-CSRFToken": cookie("csrftoken") }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, OFFLINE);
  }
  const text = await response.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    throw new Problem(response.status, { detail: `The server answered ${response.status}, and not in JSON.` });
  }
  if (!response.ok) throw new Problem(response.status, data ?? {});
  return data;
}

/** A key for one intent: pass the same one when the same intent is sent again. */
export const newKey = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export const get = (path) => call("GET", path);
export const post = (path, body = {}, key = newKey()) => call("POST", path, body, { "Idempotency-Key": key });
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);
