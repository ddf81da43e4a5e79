import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { h } from "../shared/dom.js";

const KEEP_S = 300;

/** Speed over the last minutes, from the positions that this page has seen since the panel was opened. */
export class SpeedTrace {
  constructor(store, id) {
    Object.assign(this, { store, id, times: [], speeds: [] });
    this.box = h("div", { class: "trace" });
    this.element = h("section", { class: "panel-part" }, h("h3", {}, "Speed, km/h"), this.box);
  }

  draw() {
    const at = this.store.state.positions[this.id];
    if (!at || this.times.at(-1) === at.seen / 1000) return;
    this.times.push(at.seen / 1000);
    this.speeds.push(at.speed * 3.6);
    while (this.times[0] < this.times.at(-1) - KEEP_S) {
      this.times.shift();
      this.speeds.shift();
    }
    if (!this.plot && this.box.clientWidth) this.make();
    if (this.plot && this.box.clientWidth && this.plot.width !== this.box.clientWidth) this.plot.setSize({ width: this.box.clientWidth, height: this.plot.height });
    this.plot?.setData([this.times, this.speeds]);
  }

  make() {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => h("i", { style: { color: `var(${name})` } });
    const ink = (name) => {
      const probe = color(name);
      this.box.append(probe);
      const value = getComputedStyle(probe).color;
      probe.remove();
      return value;
    };
    const muted = ink("--muted"), accent = ink("--accent"), grid = ink("--line");
    const axis = { stroke: muted, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: `11px ${style.getPropertyValue("--font")}` };
    this.plot = new uPlot({
      width: this.box.clientWidth, height: 110, cursor: { show: false }, legend: { show: false },
      scales: { y: { range: (u, min, max) => [0, Math.max(20, Math.ceil(max / 10) * 10)] } },
      series: [{}, { stroke: accent, width: 2, points: { show: false }, fill: accent.replace("rgb(", "rgba(").replace(")", ", 0.12)") }],
      axes: [{ ...axis, size: 26, space: 84, values: (u, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" })) }, { ...axis, size: 30, space: 26 }],
    }, [this.times, this.speeds], this.box);
  }

  close() {
    this.plot?.destroy();
  }
}
