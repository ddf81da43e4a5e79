import { $, h, setText } from "../shared/dom.js";
import { age, clock, place, speed } from "../shared/format.js";
import { icon } from "../shared/shapes.js";
import { GROUPS, RIDE_WORDS, stateWords, UNMATCHED } from "../shared/states.js";

const SHOWN = 250;

/** The list of cars or rides: one focus stop, arrows move, Enter opens. Rows are kept and changed in place. */
export class List {
  constructor(store, { onOpen }) {
    this.store = store;
    this.onOpen = onOpen;
    this.box = $("#list");
    this.rows = new Map();
    this.active = null;
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("focus", () => this.move(0));
    for (const topic of ["state", "selection", "filter"]) store.on(topic, () => this.render());
    setInterval(() => this.render(), 1000);
  }

  entries() {
    const { state, filter } = this.store;
    if (filter.tab === "rides") {
      const since = (id) => state.rides[id].requested_at ?? "";
      return Object.keys(state.rides).filter((id) => this.store.rideMatches(id)).sort((a, b) => since(a).localeCompare(since(b)));
    }
    const rank = (id) => GROUPS[this.store.group(id)].rank;
    const plate = (id) => state.vehicles[id].plate;
    return Object.keys(state.vehicles).filter((id) => this.store.matches(id)).sort((a, b) => rank(b) - rank(a) || plate(a).localeCompare(plate(b)));
  }

  render() {
    const type = this.store.filter.tab === "rides" ? "ride" : "vehicle";
    const ids = this.entries();
    this.ids = ids.slice(0, SHOWN);
    const wanted = new Set(this.ids);
    for (const [id, row] of this.rows) if (!wanted.has(id)) { row.element.remove(); this.rows.delete(id); }
    let before = null;
    for (const id of this.ids) {
      const row = this.rows.get(id) ?? this.make(type, id);
      this.fill(type, id, row);
      const place = before ? before.nextElementSibling : this.box.firstElementChild;
      if (place !== row.element) this.box.insertBefore(row.element, place);
      before = row.element;
    }
    this.note(ids.length, type);
    this.mark();
  }

  note(count, type) {
    const note = $("#list-note");
    const { filter, state } = this.store;
    const filtered = filter.text || (type === "vehicle" && filter.groups.size);
    if (count > SHOWN) note.replaceChildren(`The first ${SHOWN} of ${count}. Search to narrow it down.`);
    else if (count) note.replaceChildren();
    else if (!state.ready) note.replaceChildren(h("strong", {}, "Loading…"));
    else if (filtered) note.replaceChildren(h("strong", {}, "Nothing matches"), "Change the search or the filter.");
    else if (type === "ride") note.replaceChildren(h("strong", {}, "No open rides"), "New bookings appear here at once.");
    else note.replaceChildren(h("strong", {}, "No cars yet"), "Add cars with manage.py provision_cars.");
    note.hidden = !note.hasChildNodes();
  }

  make(type, id) {
    const parts = { icon: h("span", { class: "row-icon" }), title: h("span", { class: "row-title" }), sub: h("span", { class: "row-sub" }), right: h("span", { class: "row-right num" }), below: h("span", { class: "row-below num" }) };
    const element = h("li", { role: "option", id: `row-${id}`, class: "list-row", onclick: () => { this.active = id; this.store.select(type, id); this.onOpen(); } }, ...Object.values(parts));
    const row = { element, parts, look: "" };
    this.rows.set(id, row);
    return row;
  }

  fill(type, id, row) {
    if (type === "ride") this.fillRide(id, row);
    else this.fillCar(id, row);
  }

  fillCar(id, { element, parts, ...row }) {
    const { state } = this.store;
    const vehicle = state.vehicles[id], at = state.positions[id];
    const stale = this.store.stale(id), group = this.store.group(id);
    this.icon(id, `${group}${stale}`, () => icon(group, { stale, size: 24 }));
    setText(parts.title, vehicle.plate);
    setText(parts.sub, vehicle.question ? `Asks: ${vehicle.question}` : stateWords(vehicle.state));
    setText(parts.right, stale ? (at ? `silent ${age(this.store.silence(id))}` : "never heard") : at.speed > 0.3 ? speed(at.speed) : "standing");
    setText(parts.below, at ? `${Math.round(at.soc)} %` : "");
    element.classList.toggle("stale", stale);
    element.classList.toggle("low", Boolean(at && at.soc < 20));
  }

  fillRide(id, { element, parts }) {
    const { state } = this.store;
    const ride = state.rides[id];
    const car = state.vehicles[ride.vehicle_id];
    const waits = UNMATCHED.has(ride.state);
    this.icon(id, String(waits), () => h("span", { class: waits ? "dot waits" : "dot" }, ride.wheelchair ? "♿" : ""));
    setText(parts.title, ride.label);
    setText(parts.sub, `${RIDE_WORDS[ride.state] ?? ride.state}${car ? ` · ${car.plate}` : ""}`);
    setText(parts.right, clock((this.store.now() - Date.parse(ride.requested_at)) / 1000));
    setText(parts.below, `${place(ride.pickup)} → ${place(ride.dropoff)}`);
    element.classList.toggle("is-ride", true);
  }

  icon(id, look, make) {
    const row = this.rows.get(id);
    if (row.look === look) return;
    row.look = look;
    row.parts.icon.replaceChildren(make());
  }

  mark() {
    const { selection } = this.store;
    for (const [id, { element }] of this.rows) {
      element.setAttribute("aria-selected", String(selection?.id === id));
      element.classList.toggle("active", this.active === id);
    }
    if (this.active && this.rows.has(this.active)) this.box.setAttribute("aria-activedescendant", `row-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  move(step) {
    if (!this.ids?.length) return;
    const from = this.ids.indexOf(this.active ?? this.store.selection?.id);
    const to = from < 0 ? 0 : Math.min(this.ids.length - 1, Math.max(0, from + step));
    this.active = this.ids[to];
    this.mark();
    this.rows.get(this.active)?.element.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6 };
    if (event.key in steps) this.move(steps[event.key]);
    else if (event.key === "Enter" && this.active) {
      this.store.select(this.store.filter.tab === "rides" ? "ride" : "vehicle", this.active);
      this.onOpen({ keyboard: true });
    } else return;
    event.preventDefault();
  }
}
