import { newKey, post } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { whyNot } from "./words.js";
import { currentPosition, parsePlace, placeText } from "./place.js";

const ENDS = { pickup: "From", dropoff: "To" };

/** Choosing both ends. A quote is asked as soon as both are there. */
export class Choose {
  constructor(app) {
    Object.assign(this, { app, active: "pickup", places: { pickup: null, dropoff: null } });
    this.inputs = {};
    this.errors = {};
    this.general = h("p", { class: "banner bad", role: "alert", id: "refusal", hidden: true });
    this.seats = h("select", { id: "seats", onchange: () => this.ask() }, [1, 2, 3, 4, 5, 6].map((n) => h("option", { value: n }, n === 1 ? "1 person" : `${n} people`)));
    this.wheelchair = h("input", { id: "wheelchair", type: "checkbox", onchange: () => this.ask() });
    this.busy = h("p", { class: "muted", role: "status", hidden: true }, "Looking for the best places to meet…");
    this.element = h("form", { class: "stack", novalidate: true, onsubmit: (event) => { event.preventDefault(); this.ask(); } },
      h("h2", {}, "Where do you want to go?"),
      h("div", { class: "ends" }, Object.keys(ENDS).map((end) => this.end(end))),
      h("div", { class: "row options" }, h("label", { class: "visually-hidden", for: "seats" }, "How many"), this.seats,
        h("label", { class: "row check", for: "wheelchair" }, this.wheelchair, "Wheelchair")),
      this.general, this.busy,
      h("button", { type: "submit", class: "visually-hidden" }, "Ask for a price"));
  }

  end(end) {
    const input = h("input", {
      id: end, type: "text", inputmode: "text", autocomplete: "off", placeholder: end === "pickup" ? "Tap the map" : "Tap the map again",
      onfocus: () => this.activate(end), onchange: () => this.typed(end), "aria-describedby": `${end}-error`,
    });
    this.inputs[end] = input;
    this.errors[end] = h("p", { class: "error small", id: `${end}-error`, role: "alert", hidden: true });
    return h("div", { class: `end ${end}` },
      h("label", { for: end }, ENDS[end]), input,
      end === "pickup" && h("button", { type: "button", class: "button icon-button here", "aria-label": "Use my position", title: "Use my position", onclick: () => this.here() }, "◎"),
      this.errors[end]);
  }

  shown() {
    const { map } = this.app;
    map.setLines([]);
    map.setCar(null);
    for (const end of Object.keys(ENDS)) map.pin(end, this.places[end]);
    this.activate(!this.places.pickup ? "pickup" : "dropoff");
  }

  activate(end) {
    this.active = end;
    for (const [name, input] of Object.entries(this.inputs)) input.parentElement.classList.toggle("active", name === end);
  }

  tapped(place) {
    this.set(this.active, place);
  }

  typed(end) {
    try {
      this.set(end, parsePlace(this.inputs[end].value));
    } catch (error) {
      this.fail(end, error.message);
    }
  }

  async here() {
    try {
      this.set("pickup", await currentPosition());
    } catch (error) {
      this.fail("pickup", error.message);
    }
  }

  set(end, place) {
    this.places[end] = place;
    this.inputs[end].value = placeText(place);
    this.fail(end, "");
    this.app.map.pin(end, place);
    if (place && end === "pickup" && !this.places.dropoff) this.activate("dropoff");
    this.ask();
  }

  fail(end, text) {
    this.errors[end].textContent = text;
    this.errors[end].hidden = !text;
    this.inputs[end].setAttribute("aria-invalid", String(Boolean(text)));
  }

  /** Ask for a quote; a change and the Enter that follows it ask once. */
  ask() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.askNow(), 40);
  }

  async askNow() {
    const { pickup, dropoff } = this.places;
    this.app.map.refuse(null);
    this.general.hidden = true;
    if (!pickup || !dropoff) return;
    const asked = (this.asked = (this.asked ?? 0) + 1);
    this.busy.hidden = false;
    try {
      const wish = { pickup, dropoff, seats: Number(this.seats.value), wheelchair: this.wheelchair.checked };
      const quote = await post("/api/quotes", wish, newKey());
      if (asked === this.asked) this.app.quoted(quote, this.places);
    } catch (problem) {
      if (asked === this.asked) this.refused(problem);
    } finally {
      if (asked === this.asked) this.busy.hidden = true;
    }
  }

  /** Say why not, at the field and at the place. */
  refused(problem) {
    const end = ["pickup", "dropoff"].find((name) => problem.errors.some(({ field }) => field.startsWith(name)));
    this.general.textContent = problem.message;
    this.general.hidden = false;
    this.general.dataset.code = problem.code;
    if (end) {
      this.inputs[end].setAttribute("aria-invalid", "true");
      this.activate(end);
    }
    const spot = problem.body.place ?? problem.body.violations?.[0];
    if (spot?.lon !== undefined) this.app.map.refuse(spot, whyNot(problem, spot));
  }
}
