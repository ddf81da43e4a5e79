import { h } from "../../shared/dom.js";
import { onTheme } from "../../shared/theme.js";
import { frameOf, rings } from "./scale.js";
import { planText } from "./words.js";

const PEOPLE = new Set(["pedestrian", "officer"]);
const INKS = { line: "--line", strong: "--line-strong", muted: "--muted", ink: "--ink", accent: "--accent", ground: "--sunken", warn: "--warn", bad: "--bad", body: "--raised" };

/** The plan from above: the way that is driven, those that were weighed, the navigation's line, bodies around. */
export class PlanView {
  constructor() {
    this.canvas = h("canvas", { class: "plan-canvas", role: "img" });
    this.element = h("figure", { class: "plan" }, this.canvas,
      h("figcaption", { class: "plan-legend" },
        ...[["driven", "plan"], ["weighed", "other plans"], ["route", "route"]].map(([name, text]) => h("span", { class: `key-${name}` }, h("i", { "aria-hidden": "true" }), text))));
    this.resize = new ResizeObserver(() => this.draw());
    this.resize.observe(this.canvas);
    onTheme(() => { this.inks = null; this.draw(); });
  }

  show(view) {
    this.view = view;
    this.canvas.setAttribute("aria-label", planText(view));
    this.draw();
  }

  colours() {
    if (this.inks) return this.inks;
    const probe = h("i");
    this.element.append(probe);
    this.inks = Object.fromEntries(Object.entries(INKS).map(([name, property]) => {
      probe.style.color = `var(${property})`;
      return [name, getComputedStyle(probe).color];
    }));
    probe.remove();
    return this.inks;
  }

  draw() {
    const { canvas, view } = this;
    const width = canvas.clientWidth, height = canvas.clientHeight, dense = devicePixelRatio || 1;
    if (!view || !width || this.closed) return;
    if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
      canvas.width = Math.round(width * dense);
      canvas.height = Math.round(height * dense);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const frame = frameOf(view, width, height);
    this.drawRings(pen, frame);
    this.drawLine(pen, frame, view.route ?? [], { color: this.colours().strong, width: 2, dash: [3, 5] });
    for (const { points, weight } of [...(view.alternatives ?? [])].reverse()) {
      this.drawLine(pen, frame, [[0, 0], ...points], { color: this.colours().muted, width: 1.25 + 2 * weight, alpha: 0.35 + 0.5 * weight });
    }
    for (const thing of view.things ?? []) this.drawThing(pen, frame, thing);
    this.drawPlan(pen, frame, view.plan ?? []);
    this.drawCar(pen, frame, view);
  }

  drawRings(pen, { at, scale, ahead }) {
    const { line, muted } = this.colours();
    pen.font = "11px 'Inter Variable', sans-serif";
    pen.textAlign = "left";
    for (const m of rings(ahead)) {
      const [x, y] = at(0, 0);
      pen.strokeStyle = line;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.arc(x, y, m * scale, Math.PI, 2 * Math.PI);
      pen.stroke();
      pen.fillStyle = muted;
      pen.fillText(`${m} m`, 6, y - m * scale + 12);
    }
  }

  drawLine(pen, { at }, points, { color, width, dash = [], alpha = 1 }) {
    if (points.length < 2) return;
    pen.save();
    Object.assign(pen, { strokeStyle: color, lineWidth: width, globalAlpha: alpha, lineJoin: "round", lineCap: "round" });
    pen.setLineDash(dash);
    pen.beginPath();
    points.forEach(([m, left], i) => pen[i ? "lineTo" : "moveTo"](...at(m, left)));
    pen.stroke();
    pen.restore();
  }

  drawPlan(pen, frame, plan) {
    const { accent, body } = this.colours();
    this.drawLine(pen, frame, [[0, 0], ...plan], { color: accent, width: 5 });
    const each = Math.max(1, Math.round(1 / (this.view.plan_step_s || 0.2))); // a dot a second
    plan.forEach(([m, left], i) => {
      if ((i + 1) % each) return;
      pen.beginPath();
      pen.arc(...frame.at(m, left), 3.2, 0, 2 * Math.PI);
      pen.fillStyle = body;
      pen.fill();
      pen.strokeStyle = accent;
      pen.lineWidth = 2;
      pen.stroke();
    });
  }

  drawThing(pen, { at, scale }, thing) {
    const { warn, bad, muted, body } = this.colours();
    const person = PEOPLE.has(thing.kind);
    pen.save();
    pen.translate(...at(thing.ahead_m, thing.left_m));
    pen.rotate(-thing.heading_rad);
    Object.assign(pen, { fillStyle: person ? bad : thing.kind === "cyclist" ? warn : muted, strokeStyle: body, lineWidth: 1.5 });
    pen.beginPath();
    if (person) pen.arc(0, 0, Math.max(4, 0.4 * scale), 0, 2 * Math.PI);
    else {
      const long = Math.max(5, thing.length_m * scale), wide = Math.max(4, thing.width_m * scale);
      pen.roundRect(-wide / 2, -long / 2, wide, long, Math.min(wide, long) * 0.2);
    }
    pen.fill();
    pen.stroke();
    pen.restore();
  }

  drawCar(pen, { at, scale }, { length_m = 4.8, width_m = 1.9, front_m = 3.8 }) {
    const { ink, body, accent } = this.colours();
    const [x, top] = at(front_m, 0);
    const wide = width_m * scale, long = length_m * scale;
    Object.assign(pen, { fillStyle: body, strokeStyle: ink, lineWidth: 2 });
    pen.beginPath();
    pen.roundRect(x - wide / 2, top, wide, long, wide * 0.28);
    pen.fill();
    pen.stroke();
    pen.fillStyle = accent; // the windscreen: which way is ahead
    pen.beginPath();
    pen.roundRect(x - wide * 0.34, top + long * 0.2, wide * 0.68, long * 0.16, 2);
    pen.fill();
  }

  close() {
    this.closed = true;
    this.resize.disconnect();
  }
}
