import { $, h } from "../shared/dom.js";
import { RidePanel } from "./ride-panel.js";
import { VehiclePanel } from "./vehicle-panel.js";

/** The details of what is selected. One panel at a time; it is built once and then only changed where it must. */
export class Panel {
  constructor(store, view, config) {
    Object.assign(this, { store, view, config });
    this.box = $("#panel");
    store.on("selection", () => this.open());
    store.on("state", (touched) => this.changed(touched));
    store.on("positions", () => this.current?.moved?.());
    setInterval(() => this.current?.moved?.(), 1000);
  }

  open() {
    const { selection, state } = this.store;
    const known = selection && state[selection.type === "ride" ? "rides" : "vehicles"][selection.id];
    this.current?.close?.();
    this.current = null;
    this.view.showRoute(null);
    this.view.setFollow(false);
    this.box.hidden = !selection;
    document.body.classList.toggle("has-panel", Boolean(selection));
    if (!selection) return this.box.replaceChildren();
    if (!known) return this.gone();
    const Kind = selection.type === "ride" ? RidePanel : VehiclePanel;
    this.current = new Kind(this, selection.id);
    this.box.replaceChildren(this.closeButton(), this.current.element);
    this.current.changed({ all: true });
  }

  closeButton() {
    return h("button", { type: "button", class: "button plain icon-button panel-close", "aria-label": "Close the details (Escape)", onclick: () => this.store.select() }, "✕");
  }

  gone() {
    this.box.replaceChildren(this.closeButton(), h("div", { class: "empty" }, h("strong", {}, "It has ended"), "The ride or the car is no longer on the board."));
  }

  changed(touched) {
    if (!this.store.selection) return;
    if (!this.current) return this.open();
    const { selection, state } = this.store;
    if (!state[selection.type === "ride" ? "rides" : "vehicles"][selection.id]) {
      this.current.close?.();
      this.current = null;
      this.view.showRoute(null);
      this.gone();
    } else this.current.changed(touched);
  }

  focus() {
    this.box.focus();
  }
}
