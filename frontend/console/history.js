import htmx from "htmx.org";
import { $$, h } from "../shared/dom.js";
import { timeWithSeconds } from "../shared/format.js";

/** The newest ledger entries about one thing, laid in by htmx and fetched again by `refresh()`. */
export function history(type, id) {
  const list = h("ol", { class: "events", "hx-get": `/console/history/${type}/${id}`, "hx-trigger": "load, hansom:changed delay:400ms", "hx-swap": "innerHTML" }, h("li", { class: "muted" }, "Loading…"));
  list.addEventListener("htmx:afterSwap", () => {
    for (const time of $$("time", list)) time.textContent = timeWithSeconds(time.dateTime); // the reader's zone
  });
  const section = h("section", { class: "panel-part" }, h("h3", {}, "Ledger"), list);
  queueMicrotask(() => htmx.process(section));
  return { element: section, refresh: () => htmx.trigger(list, "hansom:changed") };
}
