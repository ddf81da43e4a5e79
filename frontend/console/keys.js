import { $ } from "../shared/dom.js";

const typing = (element) => element?.matches?.("input, textarea, select, [contenteditable]");

/** "/" searches, Escape goes one step back, "f" follows the selected car. Nothing while a dialog is open. */
export function startKeys(store, { sheet }) {
  addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = $("#search");
    if (event.key === "/" && !typing(event.target)) {
      event.preventDefault();
      sheet.set("half");
      search.focus();
      search.select();
    } else if (event.key === "Escape") {
      if (event.target === search && search.value) {
        search.value = "";
        store.setFilter({ text: "" });
      } else if (event.target === search) $("#list").focus();
      else if (store.selection) {
        store.select();
        $("#list").focus({ preventScroll: true });
      }
    } else if (event.key === "ArrowDown" && event.target === search) {
      event.preventDefault();
      $("#list").focus();
    } else if (event.key === "Enter" && event.target === search) {
      $("#list").focus();
      $("#list").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    }
  });
}
