import "../shared/base.css";
import "./rider.css";
import { get } from "../shared/api.js";
import { $, h, page } from "../shared/dom.js";
import { startTheme } from "../shared/theme.js";
import { Choose } from "./choose.js";
import { RideMap } from "./map.js";
import { Quote } from "./quote.js";
import { Ride } from "./ride.js";

const AREA_EVERY_MS = 30000;

/** One card at a time: choose, quote, ride. */
class App {
  constructor() {
    this.config = page();
    this.card = $("#card");
    this.map = new RideMap($("#map"), this.config.map, {
      onTap: (place) => this.step?.tapped?.(place),
      onMove: (end, place) => this.step?.set?.(end, place),
    });
  }

  show(step) {
    this.step?.gone?.();
    this.step = step;
    this.card.replaceChildren(step.element);
    this.card.scrollTop = 0;
    step.shown();
  }

  choose(afresh = false) {
    if (!this.chooser || afresh) this.chooser = new Choose(this);
    this.show(this.chooser);
  }

  askAgain() {
    this.choose();
    this.chooser.ask();
  }

  quoted(quote, wanted) {
    this.show(new Quote(this, quote, { ...wanted }));
  }

  booked(ride) {
    this.chooser = null;
    this.show(new Ride(this, ride));
  }

  async start() {
    if (!this.config.map.bounds) return this.card.replaceChildren(h("p", { class: "banner warn" }, "No city is served yet."));
    this.refreshArea();
    setInterval(() => document.visibilityState === "visible" && this.refreshArea(), AREA_EVERY_MS);
    try {
      const { results } = await get("/api/rides?limit=5");
      const open = results.find((ride) => !ride.ended);
      open ? this.booked(open) : this.choose();
    } catch (problem) {
      this.card.replaceChildren(h("p", { class: "banner bad", role: "alert" }, problem.message), h("button", { type: "button", class: "button wide", onclick: () => this.start() }, "Try again"));
    }
  }

  async refreshArea() {
    try {
      this.map.setArea(await get("/api/service-area"));
    } catch (problem) {
      console.warn("service area:", problem.message);
    }
  }
}

startTheme();
const app = new App();
window.hansom = { app, get state() { return app.step?.ride ?? null; } };
app.start();
