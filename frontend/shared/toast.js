import { h } from "./dom.js";

/** A short word at the edge of the screen, read out by screen readers. */
export function toast(text, kind = "ok") {
  let shelf = document.getElementById("toasts");
  if (!shelf) {
    shelf = h("div", { id: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(shelf);
  }
  const item = h("div", { class: `toast ${kind}` }, text);
  shelf.append(item);
  setTimeout(() => item.remove(), kind === "bad" ? 9000 : 4500);
}
