import { $, $$, h, setText } from "../shared/dom.js";
import { icon } from "../shared/shapes.js";
import { GROUPS } from "../shared/states.js";

/** Tabs, search and chips above the list. The chips are the map's legend as well. */
export function startFilters(store) {
  const search = $("#search");
  search.addEventListener("input", () => store.setFilter({ text: search.value.trim().toLowerCase() }));
  const tabs = $$("[role=tab]");
  const choose = (tab) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    $("#groups").hidden = tab.dataset.tab === "rides";
    $("#list").setAttribute("aria-label", tab.dataset.tab === "rides" ? "Open rides" : "Cars");
    store.setFilter({ tab: tab.dataset.tab });
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const next = tabs[(i + 1) % tabs.length];
      next.focus();
      choose(next);
    });
  });
  const counts = {};
  const order = Object.entries(GROUPS).sort(([, a], [, b]) => b.rank - a.rank);
  $("#groups").append(...order.map(([name, { label }]) => {
    counts[name] = h("span", { class: "num" }, "0");
    return h("button", {
      type: "button", class: "chip", "aria-pressed": "false", "data-group": name,
      onclick: (event) => {
        const groups = new Set(store.filter.groups);
        groups.has(name) ? groups.delete(name) : groups.add(name);
        event.currentTarget.setAttribute("aria-pressed", String(groups.has(name)));
        store.setFilter({ groups });
      },
    }, icon(name, { size: 15 }), label, counts[name]);
  }));
  store.on("state", () => {
    const tally = Object.fromEntries(Object.keys(GROUPS).map((name) => [name, 0]));
    for (const id of Object.keys(store.state.vehicles)) tally[store.group(id)] += 1;
    for (const [name, count] of Object.entries(tally)) setText(counts[name], String(count));
    setText($("#count-vehicles"), String(Object.keys(store.state.vehicles).length));
    setText($("#count-rides"), String(Object.keys(store.state.rides).length));
  });
}
