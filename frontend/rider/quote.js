import { newKey, post } from "../shared/api.js";
import { h, setText } from "../shared/dom.js";
import { distance, minutes, money, place, time } from "../shared/format.js";
import { whyNot } from "./words.js";

/** What the ride would be like, and the button that books it. */
export class Quote {
  constructor(app, quote, wanted) {
    Object.assign(this, { app, quote, wanted, key: newKey() });
    this.error = h("p", { class: "banner bad", role: "alert", hidden: true });
    this.left = h("p", { class: "muted small num", "aria-live": "off" });
    this.book = h("button", { type: "button", class: "button primary wide", onclick: () => this.order() }, "Book this ride");
    this.again = h("button", { type: "button", class: "button wide", hidden: true, onclick: () => app.askAgain() }, "Ask for a new price");
    const wait = quote.car_free ? `in ${minutes(quote.pickup_eta_s)}` : "no car is free right now";
    this.element = h("div", { class: "stack", id: "quote" },
      h("div", { class: "price-line" }, h("h2", { class: "price num", id: "price" }, money(quote.price.amount_minor, quote.price.currency)),
        h("p", { class: "muted num" }, `${distance(quote.trip.distance_m)}, ${minutes(quote.trip.duration_s)} in the car`)),
      h("ol", { class: "plan" },
        h("li", {}, h("strong", {}, `Car ${wait}`), h("span", { class: "muted" }, quote.car_free ? `about ${time(quote.pickup.eta_at)}` : "You can book, and get the next one.")),
        this.stop(quote.pickup, "Meet at", "to get there"),
        this.stop(quote.dropoff, "Get out at", "from there")),
      this.error, this.book, this.again, this.left,
      h("button", { type: "button", class: "button plain wide", onclick: () => app.choose() }, "Change the places"));
    this.timer = setInterval(() => this.tick(), 1000);
    this.tick();
  }

  stop(stop, verb, walk) {
    const walking = stop.walk_m < 15 ? "right there" : `${distance(stop.walk_m)}, ${minutes(stop.walk_s)} on foot ${walk}`;
    return h("li", {}, h("strong", {}, `${verb} ${place(stop)}`), h("span", { class: "muted num" }, stop.eta_at && verb === "Get out at" ? `${walking} · about ${time(stop.eta_at)}` : walking));
  }

  shown() {
    const { map } = this.app;
    const { pickup, dropoff, trip } = this.quote;
    map.refuse(null);
    map.pin("pickup", pickup, { fixed: true });
    map.pin("dropoff", dropoff, { fixed: true });
    const walk = (from, to) => ({ role: "walk", lonlat: [[from.lon, from.lat], [to.lon, to.lat]] });
    map.setLines([{ role: "trip", lonlat: trip.lonlat }, walk(this.wanted.pickup, pickup), walk(dropoff, this.wanted.dropoff)]);
    map.fit([...trip.lonlat, [pickup.lon, pickup.lat], [dropoff.lon, dropoff.lat]]);
    this.book.focus();
  }

  tick() {
    const s = Math.round((Date.parse(this.quote.expires_at) - Date.now()) / 1000);
    this.book.hidden = s <= 0;
    this.again.hidden = s > 0;
    setText(this.left, s > 0 ? `This price holds for ${s} s` : "This price has expired.");
  }

  async order() {
    this.book.disabled = true;
    this.error.hidden = true;
    try {
      this.app.booked(await post("/api/rides", { quote_id: this.quote.id }, this.key));
    } catch (problem) {
      this.error.textContent = problem.message;
      this.error.hidden = false;
      this.book.disabled = false;
      if (problem.code !== "offline") this.key = newKey();
      const spot = problem.body.place ?? problem.body.violations?.[0];
      if (spot) this.app.map.refuse(spot, whyNot(problem, spot));
    }
  }

  gone() {
    clearInterval(this.timer);
  }
}
