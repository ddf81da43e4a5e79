import { get } from "../shared/api.js";
import { h, setText } from "../shared/dom.js";
import { age, distance, minutes, speed, words } from "../shared/format.js";
import { icon } from "../shared/shapes.js";
import { stateWords } from "../shared/states.js";
import { orderCar } from "./actions.js";
import { DriverSection } from "./driver/section.js";
import { facts } from "./facts.js";
import { history } from "./history.js";
import { orderOutcome, standFailed } from "./order.js";
import { SpeedTrace } from "./trace.js";

const OUT = new Set(["non_operational", "removed"]);

/** One car: what it does, how it is, where it goes, what was written about it, what may be ordered. */
export class VehiclePanel {
  constructor(panel, id) {
    Object.assign(this, { panel, store: panel.store, view: panel.view, id });
    this.mark = h("span", { class: "panel-icon" });
    this.title = h("h2", {});
    this.state = h("p", { class: "panel-state" });
    this.alarm = h("p", { class: "banner bad", role: "alert", hidden: true });
    this.question = h("p", { class: "banner warn", role: "alert", hidden: true });
    this.charge = h("div", { class: "charge", role: "img" }, h("i"));
    this.facts = facts({ speed: "Speed", soc: "Charge", seen: "Last heard", link: "Link", mode: "Drive mode", odd: "ODD", mds: "MDS state", soft: "Software", kind: "Platform", order: "Last order" });
    this.mission = h("section", { class: "panel-part", hidden: true });
    this.driver = panel.config.may_look ? new DriverSection(panel, id) : null;
    this.trace = new SpeedTrace(this.store, id);
    this.history = history("vehicle", id);
    this.element = h("article", { class: "panel-body" },
      h("header", { class: "panel-head" }, this.mark, h("div", {}, this.title, this.state)),
      this.alarm, this.question, this.actions(), ...(this.driver ? [this.driver.element] : []), this.charge, this.facts.element, this.mission, this.trace.element, this.history.element);
  }

  actions() {
    const order = (name) => () => orderCar(name, this.id, this.vehicle.plate);
    this.follow = h("button", { type: "button", class: "button", "aria-pressed": "false", onclick: () => this.toggleFollow() }, "Follow");
    const buttons = [this.follow];
    if (this.panel.config.may_direct) {
      this.hold = h("button", { type: "button", class: "button", onclick: order("hold") }, "Hold…");
      this.over = h("button", { type: "button", class: "button", onclick: order("pull_over") }, "Pull over…");
      this.release = h("button", { type: "button", class: "button primary", onclick: order("release") }, "Release…");
      buttons.push(this.release, this.hold, this.over);
    }
    return h("div", { class: "row wrap actions", role: "group", "aria-label": "Orders" }, buttons);
  }

  toggleFollow() {
    const on = this.follow.getAttribute("aria-pressed") !== "true";
    this.follow.setAttribute("aria-pressed", String(on));
    this.view.setFollow(on);
  }

  get vehicle() {
    return this.store.state.vehicles[this.id];
  }

  changed(touched) {
    const { vehicle } = this;
    const mine = touched.all || touched.vehicles?.has(this.id) || touched.missions?.has(vehicle.mission_id) || touched.missions?.has(this.missionId);
    if (touched.events?.some(({ subject }) => subject[1] === this.id)) this.history.refresh();
    if (!mine) return;
    setText(this.title, vehicle.plate);
    setText(this.state, `${stateWords(vehicle.state)} for ${age((this.store.now() - Date.parse(vehicle.state_since)) / 1000)}`);
    setText(this.question, vehicle.question ? `The driver asks: ${vehicle.question}` : "");
    this.question.hidden = !vehicle.question;
    this.facts.set("link", vehicle.link, vehicle.link === "online" ? "" : "bad");
    this.facts.set("mode", words(vehicle.drive_mode).toLowerCase(), vehicle.drive_mode.startsWith("MR") ? "bad" : "");
    this.facts.set("odd", words(vehicle.odd_status), vehicle.odd_status === "inside" ? "" : "warn");
    this.facts.set("mds", words(vehicle.mds_state));
    this.facts.set("soft", vehicle.software || "–");
    this.facts.set("kind", `${vehicle.platform} · ${vehicle.seats} seats${vehicle.wheelchair_accessible ? " · ♿" : ""}`);
    if (this.hold) {
      const held = Boolean(vehicle.held_by) || vehicle.state.endsWith(".held") || vehicle.state === "stopped.unplanned";
      const out = OUT.has(vehicle.mds_state);
      this.hold.hidden = this.over.hidden = out || (held && !standFailed(vehicle.order));
      this.release.hidden = !held || out;
    }
    this.moved();
    this.history.refresh();
    this.fetchMission();
  }

  moved() {
    const { vehicle } = this;
    if (!vehicle) return;
    const order = orderOutcome(vehicle.order, this.store.now());
    this.facts.set("order", order.text, order.kind);
    const at = this.store.state.positions[this.id];
    const stale = this.store.stale(this.id), group = this.store.group(this.id);
    const look = `${group}${stale}`;
    if (this.look !== look) this.mark.replaceChildren(icon(group, { size: 30, stale }));
    this.look = look;
    this.facts.set("speed", at ? speed(at.speed) : "–");
    this.facts.set("soc", at ? `${at.soc.toFixed(0)} %` : "–", at && at.soc < 20 ? "warn" : "");
    this.facts.set("seen", at ? `${age(this.store.silence(this.id))} ago` : "never", stale ? "bad" : "");
    this.charge.setAttribute("aria-label", at ? `Charge ${Math.round(at.soc)} percent` : "Charge unknown");
    this.charge.firstChild.style.width = `${at?.soc ?? 0}%`;
    this.charge.classList.toggle("low", Boolean(at && at.soc < 20));
    const alarm = stale && at ? `Silent for ${age(this.store.silence(this.id))}: place, speed and charge are what it last said.` : "";
    setText(this.alarm, alarm);
    this.alarm.hidden = !alarm;
    this.trace.draw();
  }

  async fetchMission() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    try {
      const detail = await get(`/api/console/vehicles/${this.id}`);
      if (asked !== this.asked || this.closed) return;
      this.showMission(detail);
    } catch (problem) {
      this.mission.hidden = false;
      this.mission.replaceChildren(h("p", { class: "error" }, problem.message));
    }
  }

  showMission({ mission, report }) {
    this.missionId = mission?.id;
    this.view.showRoute(mission);
    this.mission.hidden = !mission;
    if (!mission) return;
    const ride = this.store.state.rides[mission.purpose_id];
    const now = mission.legs.find((leg) => leg.stop_index === mission.stop_index);
    const rest = report && !mission.at_stop && report.remaining_m > 0 ? `${distance(report.remaining_m)}, ${minutes(report.remaining_s)} to go` : now && !mission.at_stop ? `${distance(now.distance_m)} on this leg` : "standing at the stop";
    const stops = mission.stops.map((stop) => {
      const done = stop.stop_index < mission.stop_index;
      const here = stop.stop_index === mission.stop_index;
      return h("li", { class: done ? "done" : here ? "here" : "", "aria-current": here ? "step" : null },
        h("span", {}, words(stop.kind)), h("span", { class: "muted" }, stop.name || `${stop.lat.toFixed(5)}, ${stop.lon.toFixed(5)}`));
    });
    this.mission.replaceChildren(
      h("div", { class: "row" }, h("h3", { class: "spring" }, `Mission: ${mission.purpose}`),
        h("span", { class: "tag" }, `${mission.state} · v${mission.version} · ODD ${mission.odd_version}`)),
      h("ol", { class: "stops" }, stops),
      h("p", { class: "muted small num" }, rest),
      ride && h("button", { type: "button", class: "button", onclick: () => this.store.select("ride", mission.purpose_id) }, `Ride ${ride.label}`));
  }

  close() {
    this.closed = true;
    this.driver?.close();
    this.trace.close();
  }
}
