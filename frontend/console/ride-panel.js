import { get } from "../shared/api.js";
import { h, setText } from "../shared/dom.js";
import { clock, money, place, time } from "../shared/format.js";
import { RIDE_WORDS, UNMATCHED, WAITING } from "../shared/states.js";
import { orderRide } from "./actions.js";
import { facts } from "./facts.js";
import { history } from "./history.js";

const REASSIGNABLE = new Set(["reserved", "arrived", "boarding"]);

/** One open ride: from where to where, since when, by which car; reassign and cancel. */
export class RidePanel {
  constructor(panel, id) {
    Object.assign(this, { panel, store: panel.store, view: panel.view, id });
    this.title = h("h2", {});
    this.state = h("p", { class: "panel-state" });
    this.facts = facts({ pickup: "Pick-up", dropoff: "Drop-off", asked: "Booked", wait: "Open for", eta: "Pick-up due", end: "Arrival due", price: "Price", seats: "Seats" });
    this.car = h("button", { type: "button", class: "button", onclick: () => this.store.select("vehicle", this.ride.vehicle_id) });
    this.history = history("ride", id);
    this.element = h("article", { class: "panel-body" },
      h("header", { class: "panel-head" }, h("div", {}, this.title, this.state)),
      this.actions(), this.facts.element, this.history.element);
  }

  actions() {
    const order = (name) => () => orderRide(name, this.id, this.ride.label, this.store.state.vehicles[this.ride.vehicle_id]?.plate);
    const buttons = [this.car];
    if (this.panel.config.may_direct) {
      this.reassign = h("button", { type: "button", class: "button", onclick: order("reassign") }, "Reassign…");
      this.cancel = h("button", { type: "button", class: "button danger", onclick: order("cancel") }, "Cancel…");
      buttons.push(this.reassign, this.cancel);
    }
    return h("div", { class: "row wrap actions", role: "group", "aria-label": "Orders" }, buttons);
  }

  get ride() {
    return this.store.state.rides[this.id];
  }

  changed(touched) {
    const { ride } = this;
    const carsMission = this.store.state.vehicles[ride.vehicle_id]?.mission_id;
    if (!(touched.all || touched.rides?.has(this.id) || touched.missions?.has(carsMission))) return;
    const car = this.store.state.vehicles[ride.vehicle_id];
    setText(this.title, ride.label);
    setText(this.state, RIDE_WORDS[ride.state] ?? ride.state);
    this.facts.set("pickup", place(ride.pickup));
    this.facts.set("dropoff", place(ride.dropoff));
    this.facts.set("asked", time(ride.requested_at));
    this.facts.set("eta", ride.pickup_eta_at && WAITING.has(ride.state) ? time(ride.pickup_eta_at) : "–");
    this.facts.set("end", ride.dropoff_eta_at ? time(ride.dropoff_eta_at) : "–");
    this.facts.set("price", money(ride.price_minor, ride.currency));
    this.facts.set("seats", `${ride.seats}${ride.wheelchair ? " · ♿ wheelchair" : ""}`);
    this.car.hidden = !car;
    if (car) setText(this.car, `Car ${car.plate}`);
    if (this.reassign) {
      this.reassign.hidden = !REASSIGNABLE.has(ride.state);
      this.cancel.hidden = !WAITING.has(ride.state);
    }
    this.moved();
    this.history.refresh();
    this.route();
  }

  moved() {
    const { ride } = this;
    if (!ride) return;
    const s = (this.store.now() - Date.parse(ride.requested_at)) / 1000;
    this.facts.set("wait", clock(s), UNMATCHED.has(ride.state) && s > 300 ? "warn" : "");
  }

  async route() {
    const car = this.ride.vehicle_id;
    if (!car) return this.view.showRoute(null);
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const detail = await get(`/api/console/vehicles/${car}`).catch(() => null);
    if (asked === this.asked && !this.closed) this.view.showRoute(detail?.mission?.purpose_id === this.id ? detail.mission : null);
  }

  close() {
    this.closed = true;
  }
}
