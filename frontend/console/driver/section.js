import "./driver.css";
import { h, setText } from "../../shared/dom.js";
import { Socket } from "../../shared/socket.js";
import { facts } from "../facts.js";
import { Cameras } from "./cameras.js";
import { ageText, FRESH_S, LOST_S, PlatformClock } from "./clock.js";
import { figures, gauge } from "./gauges.js";
import { PlanView } from "./plan.js";
import { TellDriver } from "./tell.js";
import { causeName, endText } from "./words.js";

const SILENT_MS = 8000; // the server says something every two seconds
const TICK_MS = 100;

/** The part of a car's panel in which one looks through its cameras. Nothing is asked for until somebody opens it. */
export class DriverSection {
  constructor(panel, id) {
    Object.assign(this, { panel, store: panel.store, id });
    this.body = h("div", { class: "driver-body" });
    this.toggle = h("button", { type: "button", class: "button", "aria-expanded": "false", title: "C", onclick: () => this.setOpen(!this.isOpen) }, "Look through its cameras");
    this.age = h("span", { class: "driver-age num", hidden: true });
    this.note = h("p", { class: "muted small" }, "Pictures come from the car only while you look, and are stored nowhere. That you look is written in the ledger.");
    this.element = h("section", { class: "panel-part driver", "aria-label": "Driver" },
      h("div", { class: "row" }, h("h3", { class: "spring" }, "Driver"), this.age, this.toggle), this.note, this.body);
    this.onKey = (event) => this.key(event);
    addEventListener("keydown", this.onKey);
  }

  get isOpen() {
    return Boolean(this.socket);
  }

  setOpen(open) {
    if (open === this.isOpen) return;
    this.toggle.setAttribute("aria-expanded", String(open));
    setText(this.toggle, open ? "Stop looking" : "Look through its cameras");
    this.panel.box.classList.toggle("looking", open);
    this.note.hidden = open;
    this.panel.view.reveal(); // the panel's width has changed
    open ? this.begin() : this.end();
  }

  begin() {
    this.clock = new PlatformClock();
    this.view = null;
    this.unable = false;
    this.since = Date.now();
    this.build();
    this.socket = new Socket(`${this.store.wsUrl}/ws/console/driver/${this.id}`, {
      silentMs: SILENT_MS,
      onMessage: (message) => this.receive(message),
      onStatus: (status, info) => this.line(status, info),
    });
    this.socket.connect();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  end(text = "") {
    clearInterval(this.timer);
    this.socket?.end();
    this.socket = null;
    this.plan?.close();
    this.age.hidden = true;
    this.body.replaceChildren(...(text ? [h("p", { class: "banner warn", role: "alert" }, text)] : []));
  }

  build() {
    this.status = h("p", { class: "driver-status banner", role: "status" });
    this.cause = h("span", { class: "tag" });
    this.says = h("p", { class: "driver-says" });
    this.asks = h("p", { class: "banner warn", role: "alert", hidden: true });
    this.refuses = h("p", { class: "banner bad", hidden: true });
    this.safety = h("p", { class: "banner warn", hidden: true });
    this.cameras = new Cameras();
    this.tell = new TellDriver(this.store, this.id);
    this.plan = new PlanView();
    this.gauges = { latency: gauge("Latency"), uncertainty: gauge("Uncertainty"), ood: gauge("Unfamiliar") };
    this.facts = facts({ release: "Release", p99: "Latency, 99 %", missed: "Missed deadlines", shadow: "Rides along", told: "Instruction" });
    this.none = h("p", { class: "empty", hidden: true });
    this.shown = h("div", { class: "driver-shown", hidden: true },
      h("div", { class: "driver-line" }, this.cause, this.says),
      h("div", { class: "driver-sight" },
        h("div", { class: "driver-cams" }, this.cameras.element, this.none, this.asks, this.refuses, this.safety), this.plan.element),
      this.tell.element,
      h("div", { class: "gauges" }, Object.values(this.gauges).map(({ element }) => element)), this.facts.element);
    this.body.replaceChildren(this.status, this.shown);
  }

  receive(message) {
    if (message.type === "view") {
      this.clock.hear(message.at);
      this.unable = false;
      this.view = message.view;
      this.show(message.view);
    } else if (message.type === "unable") this.unable = true;
    this.tick();
  }

  line(status, { code } = {}) {
    this.connected = status === "open";
    const ended = status === "closed" ? endText(code) : null;
    if (!ended) return;
    this.setOpen(false);
    this.body.replaceChildren(h("p", { class: "banner warn", role: "alert" }, ended));
  }

  show(view) {
    this.shown.hidden = false;
    this.cause.hidden = !view.cause;
    setText(this.cause, causeName(view.cause));
    setText(this.says, view.explanation || "No explanation.");
    this.say(this.asks, view.help && `The driver asks: ${view.help}`);
    this.say(this.refuses, view.refuses && `It does not do that: ${view.refuses}`);
    this.say(this.safety, view.safety && `Safety layer: ${view.safety}`);
    const blind = !view.pictures.length;
    this.cameras.element.hidden = blind;
    this.none.hidden = !blind;
    if (blind) this.none.replaceChildren(h("strong", {}, "No pictures"), `The release ${view.release || "on this car"} drives without cameras.`);
    else this.cameras.show(view.pictures);
    this.plan.show(view);
    const shown = figures(view);
    for (const [name, { set }] of Object.entries(this.gauges)) set(shown[name]);
    this.facts.set("release", view.release || "–");
    this.facts.set("p99", view.latency_p99_ms ? `${view.latency_p99_ms.toFixed(0)} ms${view.deadline_ms ? ` of ${view.deadline_ms.toFixed(0)}` : ""}` : "–");
    this.facts.set("missed", String(view.missed), view.missed ? "warn" : "");
    this.facts.set("shadow", view.shadow ? `${view.shadow}, ${view.shadow_apart_m.toFixed(1)} m apart` : "nobody");
    this.facts.set("told", view.instruction || "none");
    this.tell.show(view);
  }

  say(box, text) {
    setText(box, text || "");
    box.hidden = !text;
  }

  /** The age goes on while no picture comes: a still picture must never pass for a live one. */
  tick() {
    if (!this.isOpen) return;
    const seconds = this.view ? this.clock.age(this.view.taken_ms) : Infinity;
    const late = seconds > FRESH_S;
    this.age.hidden = !this.view;
    if (this.view) setText(this.age, ageText(seconds));
    this.age.dataset.kind = seconds > LOST_S ? "bad" : late ? "warn" : "good";
    this.element.classList.toggle("is-late", Boolean(this.view) && late);
    this.cameras.setLate(late && this.view ? `Picture is ${ageText(seconds)}` : null);
    this.tell.tick();
    const text = this.statusText(seconds);
    setText(this.status, text);
    this.status.hidden = !text;
    this.status.classList.toggle("warn", this.unable || Boolean(this.view) || Date.now() - this.since > 5000);
  }

  statusText(seconds) {
    const vehicle = this.store.state.vehicles[this.id];
    if (this.unable) return "This car's software can't show what its driver sees.";
    if (this.connected === false && Date.now() - this.since > 1500) return "No line to the platform. Trying again…";
    if (seconds <= LOST_S) return "";
    if (vehicle && vehicle.link !== "online") return `The car has no link (${vehicle.link}). Pictures come as soon as it is back.`;
    if (this.view) return "The car has stopped sending pictures.";
    return Date.now() - this.since > 5000 ? "The car has been asked and sends no pictures yet." : "Asking the car…";
  }

  key(event) {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target?.matches?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === "c") this.setOpen(!this.isOpen);
    else if (this.isOpen && this.view && event.key >= "1" && event.key <= "8") this.cameras.chooseAt(Number(event.key));
  }

  close() {
    removeEventListener("keydown", this.onKey);
    if (this.isOpen) this.setOpen(false);
  }
}
