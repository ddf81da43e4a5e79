import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { h } from "../shared/dom.js";
import { onTheme } from "../shared/theme.js";
import { curves } from "./figures.js";

const COLORS = ["--accent", "--warn", "--good", "--bad", "--muted"];
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 5]]; // colour and stroke: never colour alone
const HEIGHT = 220;

/** A learning curve of every release: {element, draw}; null when nobody has written one. `draw` once it is on the page. */
export function learningCurve(releases, field, title, { percent = false } = {}) {
  const { names, data } = curves(releases, field);
  if (!names.length) return null;
  const box = h("div", { class: "chart" });
  const legend = h("ul", { class: "chart-legend" }, names.map((name, i) => h("li", {}, h("i", { class: `stroke stroke-${i % COLORS.length}`, "aria-hidden": "true" }), name)));
  const last = names.map((name, i) => `${name}: ${tell(data[i + 1].findLast((v) => v !== null), percent)}`).join(", ");
  const element = h("figure", { class: "chart-box", role: "img", "aria-label": `${title} over minutes of training; at the end ${last}` }, h("figcaption", {}, h("h3", {}, title), legend), box);
  let plot = null;
  const draw = () => {
    plot?.destroy();
    plot = box.clientWidth ? new uPlot(options(box, names, percent), data, box) : null;
  };
  new ResizeObserver(() => plot ? plot.setSize({ width: box.clientWidth, height: HEIGHT }) : draw()).observe(box);
  onTheme(draw);
  return { element, draw };
}

const tell = (v, percent) => (percent ? `${(v * 100).toFixed(0)} %` : v.toPrecision(3));

function options(box, names, percent) {
  const ink = (name) => {
    const probe = h("i", { style: { color: `var(${name})` } });
    box.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const look = { stroke: ink("--muted"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: "11px 'Inter Variable', sans-serif" };
  return {
    width: box.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false } },
    series: [{}, ...names.map((name, i) => ({ label: name, stroke: ink(COLORS[i % COLORS.length]), width: 2, dash: DASHES[i % DASHES.length], spanGaps: true, points: { show: false } }))],
    axes: [{ ...look, size: 30, values: (u, ticks) => ticks.map((t) => `${t} min`) }, { ...look, size: 46, values: (u, ticks) => ticks.map((t) => tell(t, percent)) }],
  };
}
