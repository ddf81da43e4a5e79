import { $, h, setText } from "../shared/dom.js";
import { clock } from "../shared/format.js";
import { UNMATCHED } from "../shared/states.js";

const FIGURES = [
  ["cars", "cars in service"],
  ["serving", "serving"],
  ["waiting", "riders without a car"],
  ["longest", "longest wait"],
  ["silent", "silent"],
  ["attention", "need attention"],
];

/** The figures in the bar: how the service is doing, in one line. */
export function startCounters(store) {
  const boxes = {};
  $("#counters").append(...FIGURES.map(([name, label]) => {
    const value = h("dd", { class: "num" }, "–");
    const box = h("div", { class: "counter", "data-counter": name }, value, h("dt", {}, label));
    boxes[name] = { value, box };
    return box;
  }));
  const show = () => {
    if (!store.state.ready) return;
    const figures = count(store);
    for (const [name, { value, box }] of Object.entries(boxes)) {
      setText(value, String(figures[name]));
      box.classList.toggle("alarm", (name === "attention" || name === "silent") && figures[name] > 0);
      box.classList.toggle("warn", name === "longest" && figures.longestS > 300);
    }
  };
  store.on("state", show);
  setInterval(show, 1000);
}

export function count(store) {
  const { vehicles, rides } = store.state;
  const ids = Object.keys(vehicles);
  const groups = ids.map((id) => store.group(id));
  const unmatched = Object.values(rides).filter((ride) => UNMATCHED.has(ride.state));
  const longestS = Math.max(0, ...unmatched.map((ride) => (store.now() - Date.parse(ride.requested_at)) / 1000));
  return {
    cars: groups.filter((group) => group !== "off").length,
    serving: groups.filter((group) => ["coming", "kerb", "trip"].includes(group)).length,
    waiting: unmatched.length,
    longest: clock(longestS),
    longestS,
    silent: ids.filter((id, i) => groups[i] !== "off" && store.stale(id)).length,
    attention: groups.filter((group) => group === "attention").length,
  };
}
