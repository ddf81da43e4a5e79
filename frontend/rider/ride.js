import { newKey, post } from "../shared/api.js";
import { h, setText } from "../shared/dom.js";
import { money, time } from "../shared/format.js";
import { Socket } from "../shared/socket.js";
import { confirmAction } from "../shared/dialog.js";
import { say, STEPS } from "./words.js";

const BEFORE = new Set(["requested", "scheduled", "matching", "reserved", "arrived", "boarding"]);
const TO_PICKUP = new Set(["reserved", "arrived", "boarding"]);
const CANCEL = { "My plans changed": "changed_plans", "The wait is too long": "wait_too_long", "Wrong place": "wrong_place", "Booked by mistake": "booked_by_mistake", "It doesn't feel safe": "feels_unsafe" };

/** A booked ride until its end: what happens, where the car is, and the next step. */
export class Ride {
  constructor(app, ride) {
    Object.assign(this, { app, ride, tracking: null, keys: {} });
    this.title = h("h2", { id: "ride-title" });
    this.text = h("p", { class: "muted" });
    this.steps = h("ol", { class: "steps", "aria-label": "Progress" }, STEPS.map(([name]) => h("li", {}, name)));
    this.car = h("p", { class: "car-line", hidden: true });
    this.error = h("p", { class: "banner bad", role: "alert", hidden: true });
    this.offline = h("p", { class: "banner warn", role: "status", hidden: true }, "No connection. The ride goes on; this page catches up by itself.");
    this.unlock = h("button", { type: "button", class: "button primary wide", id: "unlock", hidden: true, onclick: () => this.order("unlock") }, "Unlock the car");
    this.start = h("button", { type: "button", class: "button primary wide", id: "start", hidden: true, onclick: () => this.order("start") }, "Start the ride");
    this.cancel = h("button", { type: "button", class: "button danger wide", id: "cancel", hidden: true, onclick: () => this.askCancel() }, "Cancel the ride…");
    this.receipt = h("dl", { class: "receipt num", hidden: true });
    this.again = h("button", { type: "button", class: "button primary wide", id: "again", hidden: true, onclick: () => app.choose(true) }, "Book another ride");
    this.element = h("div", { class: "stack", id: "ride", "data-ride": ride.id, "data-state": ride.state },
      h("div", { "aria-live": "polite", class: "stack tight" }, this.title, this.text), this.steps, this.car, this.offline, this.error, this.receipt, this.unlock, this.start, this.cancel, this.again);
    this.timer = setInterval(() => this.show(), 5000);
  }

  shown() {
    const { map } = this.app;
    map.refuse(null);
    map.pin("pickup", this.ride.pickup, { fixed: true });
    map.pin("dropoff", this.ride.dropoff, { fixed: true });
    map.fit([[this.ride.pickup.lon, this.ride.pickup.lat], [this.ride.dropoff.lon, this.ride.dropoff.lat]]);
    this.show();
    if (this.ride.ended) return;
    this.socket = new Socket(`${this.app.config.ws_url}/ws/rides/${this.ride.id}`, {
      onMessage: (message) => this.heard(message),
      onStatus: (status) => { this.offline.hidden = status !== "closed" || this.ride.ended; },
      silentMs: 3600000, // this socket speaks only when something changes
    });
    this.socket.connect();
  }

  heard({ ride, tracking }) {
    const before = this.ride.state;
    if (ride) this.ride = ride;
    if (tracking) this.tracking = tracking;
    this.show();
    if (before !== this.ride.state) this.moved();
    if (this.ride.ended) this.socket?.end();
  }

  moved() {
    const { map } = this.app;
    const { car, route } = this.tracking ?? {};
    if (["reserved", "on_trip"].includes(this.ride.state) && car) map.fit([[car.lon, car.lat], ...(route ?? []).flatMap((leg) => leg.lonlat)]);
  }

  show() {
    const { ride, tracking } = this;
    const [title, text] = say(ride, tracking);
    setText(this.title, title);
    setText(this.text, text);
    this.element.dataset.state = ride.state;
    const at = STEPS.findIndex(([, states]) => states.includes(ride.state));
    this.steps.hidden = at < 0;
    [...this.steps.children].forEach((step, i) => {
      step.className = i < at ? "done" : i === at ? "here" : "";
      i === at ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current");
    });
    this.car.hidden = !ride.vehicle || ride.ended;
    if (ride.vehicle) this.car.replaceChildren(h("span", { class: "plate" }, ride.vehicle.plate), ` ${ride.vehicle.platform}`, tracking?.car?.stale ? h("span", { class: "tag warn" }, "position not fresh") : "");
    this.unlock.hidden = ride.state !== "arrived";
    this.start.hidden = ride.state !== "boarding" || Boolean(ride.start_asked_at);
    this.cancel.hidden = !BEFORE.has(ride.state) || ride.ended;
    this.again.hidden = !ride.ended;
    this.showReceipt();
    this.draw();
  }

  showReceipt() {
    const { ride } = this;
    this.receipt.hidden = ride.state !== "completed";
    if (this.receipt.hidden) return;
    const line = (term, text) => h("div", {}, h("dt", {}, term), h("dd", {}, text));
    const { amount_minor: amount, currency } = ride.receipt ?? ride.price;
    this.receipt.replaceChildren(
      line("Paid", money(amount, currency)), line("Started", ride.started_at ? time(ride.started_at) : "–"), line("Arrived", time(ride.ended_at)),
      line("Receipt", ride.receipt?.number ?? "is being written"));
  }

  draw() {
    const { ride, tracking } = this;
    const { map } = this.app;
    if (ride.ended || !tracking) {
      map.setCar(null);
      return map.setLines([]);
    }
    const [first, ...rest] = tracking.route ?? [];
    const approach = TO_PICKUP.has(ride.state);
    map.setLines([...rest.map((leg) => ({ role: "trip", lonlat: leg.lonlat })), ...(first ? [{ role: approach ? "approach" : "trip", lonlat: first.lonlat }] : [])]);
    map.setCar(tracking.car);
  }

  async order(name, body = {}) {
    const button = this[name];
    button.disabled = true;
    this.error.hidden = true;
    this.keys[name] ??= newKey();
    try {
      this.heard({ ride: await post(`/api/rides/${this.ride.id}/${name}`, body, this.keys[name]) });
    } catch (problem) {
      this.error.textContent = problem.message;
      this.error.hidden = false;
      if (problem.code !== "offline") delete this.keys[name];
    } finally {
      button.disabled = false;
    }
  }

  askCancel() {
    const key = newKey();
    return confirmAction({
      title: "Cancel this ride?", text: "The car turns to somebody else.", verb: "Cancel the ride", danger: true, reasons: Object.keys(CANCEL), label: "Why?",
      work: async (reason) => this.heard({ ride: await post(`/api/rides/${this.ride.id}/cancel`, { reason: CANCEL[reason] ?? "other", note: CANCEL[reason] ? "" : reason }, key) }),
    });
  }

  gone() {
    clearInterval(this.timer);
    this.socket?.end();
    this.app.map.setCar(null);
  }
}
