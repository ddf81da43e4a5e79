import { patch, post } from "../shared/api.js";
import { $$, h } from "../shared/dom.js";
import { KINDS } from "../shared/zone-layers.js";
import { parseRings, polygon, ringText } from "./ring.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The form of a draft. `zone` is the row to edit, or null; `replaces` the id of a published zone that it takes over from. */
export class ZoneForm {
  constructor({ box, draw, zone, id, replaces, onSaved, onCancel }) {
    Object.assign(this, { box, draw, zone, id, replaces, onSaved });
    const params = zone?.params ?? {};
    const window = params.hours?.windows?.[0];
    this.kind = h("select", { id: "zone-kind", name: "kind", disabled: Boolean(id), onchange: () => this.kindChanged() },
      Object.entries(KINDS).map(([kind, { label }]) => h("option", { value: kind, selected: zone?.kind === kind || (!zone && kind === "no_go") }, label)));
    this.name = h("input", { id: "zone-name", type: "text", name: "name", maxlength: 120, value: zone?.name ?? "", autocomplete: "off", placeholder: "What people call it" });
    this.speed = h("input", { id: "zone-speed", type: "number", min: 1, max: 144, step: 1, value: params.max_speed_mps ? Math.round(params.max_speed_mps * 3.6) : 20 });
    this.speedField = this.field("zone-speed", "Highest speed, km/h", this.speed, "max_speed_mps");
    this.note = h("textarea", { id: "zone-note", rows: 2, maxlength: 1000 }, params.note ?? "");
    this.coordinates = h("textarea", { id: "zone-coordinates", rows: 5, spellcheck: "false", class: "mono", oninput: () => this.typed(), placeholder: "13.351, 52.514\n13.356, 52.514\n13.356, 52.517" });
    this.hint = h("p", { class: "hint" });
    this.timed = h("input", { type: "checkbox", id: "zone-timed", checked: Boolean(window), onchange: () => { this.hours.hidden = !this.timed.checked; } });
    this.days = DAYS.map((day) => h("label", { class: "day" }, h("input", { type: "checkbox", value: day, checked: window ? window.days.includes(day) : true }), day));
    this.from = h("input", { type: "text", id: "zone-from", value: window?.from ?? "07:00", "aria-label": "From", placeholder: "07:00" });
    this.to = h("input", { type: "text", id: "zone-to", value: window?.to ?? "19:00", "aria-label": "To", placeholder: "19:00" });
    this.tz = h("input", { type: "text", id: "zone-tz", value: params.hours?.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone, "aria-label": "Time zone" });
    this.hours = h("div", { class: "hours", hidden: !window }, h("div", { class: "chips" }, this.days), h("div", { class: "row" }, this.from, "to", this.to), this.tz, this.error("hours"));
    this.general = h("p", { class: "banner bad", role: "alert", hidden: true });
    this.save = h("button", { type: "submit", class: "button primary" }, "Save draft");
    this.element = h("form", { class: "zone-form", novalidate: true, "aria-label": id ? "Edit draft" : "New zone", onsubmit: (event) => this.submit(event) },
      h("h2", {}, id ? "Edit draft" : replaces ? "New version of a zone" : "New zone"),
      this.field("zone-kind", "Kind", this.kind, "kind"), this.hint,
      this.field("zone-name", "Name", this.name, "name"), this.speedField,
      this.field("zone-coordinates", "Shape", this.coordinates, "geometry", "Click corners on the map, drag them, drag the middle of a side for a new one. Or type: one “longitude, latitude” a line, or GeoJSON."),
      h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => draw.undo() }, "Undo corner"), h("button", { type: "button", class: "button", onclick: () => { draw.set([[]]); this.drawn(); } }, "Clear")),
      h("label", { class: "row check", for: "zone-timed" }, this.timed, "Only at certain hours"), this.hours,
      this.field("zone-note", "Note", this.note, "note"),
      this.general,
      h("div", { class: "row end" }, h("button", { type: "button", class: "button", onclick: onCancel }, "Close"), this.save));
    this.box.replaceChildren(this.element);
    this.kindChanged();
    this.drawn();
    this.name.focus();
  }

  error(field) {
    return h("p", { class: "error", "data-error": field, role: "alert", hidden: true });
  }

  field(id, label, input, name, hint = "") {
    return h("div", { class: "field" }, h("label", { for: id }, label), input, hint && h("p", { class: "hint" }, hint), this.error(name));
  }

  kindChanged() {
    this.speedField.hidden = this.kind.value !== "slow";
    this.hint.textContent = KINDS[this.kind.value].hint;
  }

  /** The map changed the shape. */
  drawn() {
    this.coordinates.value = this.draw.rings.length > 1 ? JSON.stringify(polygon(this.draw.rings)) : ringText(this.draw.ring);
    this.fail({});
  }

  /** The text changed the shape. */
  typed() {
    try {
      this.draw.set(parseRings(this.coordinates.value));
      this.fail({});
    } catch (error) {
      this.fail({ geometry: error.message });
    }
  }

  params() {
    const params = { note: this.note.value };
    if (this.kind.value === "slow") params.max_speed_mps = Number(this.speed.value) / 3.6;
    if (this.timed.checked) {
      const days = $$("input:checked", this.hours).map((input) => input.value);
      params.hours = { tz: this.tz.value.trim(), windows: [{ days, from: this.from.value.trim(), to: this.to.value.trim() }] };
    }
    return params;
  }

  async submit(event) {
    event.preventDefault();
    this.fail({});
    this.save.disabled = true;
    try {
      const body = { name: this.name.value, geometry: polygon(parseRings(this.coordinates.value)), params: this.params() };
      const saved = this.id
        ? await patch(`/api/zones/${this.id}`, { ...body, expected_revision: this.zone.revision })
        : await post("/api/zones", { ...body, kind: this.kind.value, replaces: this.replaces ?? null });
      this.onSaved(saved);
    } catch (problem) {
      this.refused(problem);
    } finally {
      this.save.disabled = false;
    }
  }

  refused(problem) {
    const faults = Object.fromEntries((problem.errors ?? []).map(({ field, detail }) => [this.fieldOf(field), detail]));
    this.fail(Object.keys(faults).length ? faults : problem.errors ? { general: problem.message } : { geometry: problem.message });
    const corner = problem.errors?.map(({ field }) => /coordinates\[0\]\[(\d+)\]/.exec(field)?.[1]).find(Boolean);
    if (corner) Object.assign(this.draw, { fault: Number(corner) });
    this.draw.show();
  }

  fieldOf(field) {
    if (field.startsWith("geometry")) return "geometry";
    return ["max_speed_mps", "hours", "note", "name", "kind"].find((name) => field.includes(name)) ?? "general";
  }

  /** Show faults by field; the first of them gets the focus. */
  fail(faults) {
    this.general.textContent = faults.general ?? "";
    this.general.hidden = !faults.general;
    let first = null;
    for (const place of $$("[data-error]", this.element)) {
      const text = faults[place.dataset.error] ?? "";
      place.textContent = text;
      place.hidden = !text;
      const input = place.parentElement.querySelector("input, select, textarea");
      input?.setAttribute("aria-invalid", String(Boolean(text)));
      if (text) first ??= input;
    }
    if (first !== this.coordinates) first?.focus();
  }
}
