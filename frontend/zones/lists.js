import { $, h } from "../shared/dom.js";
import { KINDS } from "../shared/zone-layers.js";

/** Drafts first, with boxes to publish several as one version; then what is in force, by kind. */
export class Lists {
  constructor(store, { mayDirect, onSelect, onPublish }) {
    Object.assign(this, { store, mayDirect, onSelect, onPublish, checked: new Set() });
    this.box = $("#zone-lists");
    store.on("state", (touched) => (touched.all || touched.zones) && this.render());
    store.on("filter", () => this.render());
    store.on("selection", () => this.mark());
  }

  render() {
    const { zones, ready } = this.store.state;
    const found = Object.entries(zones).filter(([, zone]) => `${zone.name} ${KINDS[zone.kind].label}`.toLowerCase().includes(this.store.filter.text));
    const drafts = found.filter(([, zone]) => zone.state === "draft");
    const force = found.filter(([, zone]) => zone.state === "published");
    for (const id of this.checked) if (zones[id]?.state !== "draft") this.checked.delete(id);
    if (!ready) return this.box.replaceChildren(h("div", { class: "empty" }, h("strong", {}, "Loading…")));
    const kept = document.activeElement?.closest?.("[data-zone]")?.dataset.zone;
    const parts = [
      this.section("Drafts", drafts, "No drafts. What is drawn here has no effect until it is published."),
      this.mayDirect && drafts.length > 0 && h("div", { class: "publish-bar" }, h("button", { type: "button", class: "button primary wide", disabled: !this.checked.size, onclick: () => this.onPublish([...this.checked]) }, this.checked.size > 1 ? `Publish ${this.checked.size} drafts as one version…` : "Publish the checked draft…")),
      ...Object.entries(KINDS).map(([kind, { label }]) => [label, force.filter(([, zone]) => zone.kind === kind)]).filter(([, rows]) => rows.length).map(([label, rows]) => this.section(label, rows, "")),
      !force.length && !drafts.length && h("div", { class: "empty" }, this.store.filter.text ? h("strong", {}, "Nothing matches") : h("strong", {}, "No zones yet"), this.store.filter.text ? "" : "Without a published service area no car may drive anywhere."),
    ];
    this.box.replaceChildren(...parts.filter(Boolean));
    if (kept) this.box.querySelector(`[data-zone="${kept}"] button`)?.focus();
    this.mark();
  }

  section(title, rows, empty) {
    return h("section", { class: "zone-section" }, h("h3", {}, title), rows.length ? h("ul", {}, rows.map(([id, zone]) => this.row(id, zone))) : h("p", { class: "muted small" }, empty));
  }

  row(id, zone) {
    const { color, label } = KINDS[zone.kind];
    const box = this.mayDirect && zone.state === "draft" && h("input", {
      type: "checkbox", "aria-label": `Check ${zone.name} for publishing`, checked: this.checked.has(id),
      onchange: (event) => { event.target.checked ? this.checked.add(id) : this.checked.delete(id); this.render(); },
    });
    return h("li", { class: "zone-row", "data-zone": id }, box,
      h("button", { type: "button", onclick: () => this.onSelect(id) },
        h("i", { class: `swatch ${zone.kind}`, style: { "--zone": color } }),
        h("span", { class: "zone-name" }, zone.name),
        h("span", { class: "muted small" }, zone.state === "draft" ? label : `since v${zone.published_in}`)));
  }

  mark() {
    for (const row of this.box.querySelectorAll("[data-zone]")) row.classList.toggle("selected", row.dataset.zone === this.store.selection?.id);
  }
}
