import { h, setText } from "../../shared/dom.js";

/** A bar with a mark at its limit: {element, set({value, limit, top, text})}; beyond the limit it warns. */
export function gauge(label) {
  const name = h("span", {}, label);
  const figure = h("b", { class: "num" }, "–");
  const fill = h("i", { class: "gauge-fill" });
  const mark = h("i", { class: "gauge-mark", hidden: true });
  const bar = h("div", { class: "gauge-bar", role: "meter", "aria-label": label, "aria-valuemin": 0 }, fill, mark);
  return {
    element: h("div", { class: "gauge" }, h("div", { class: "gauge-head" }, name, figure), bar),
    set({ value, limit = null, top, text }) {
      setText(figure, text);
      bar.hidden = value === null;
      if (value === null) return;
      const share = (v) => `${Math.min(100, Math.max(0, (v / top) * 100))}%`;
      fill.style.width = share(value);
      mark.hidden = limit === null || limit >= top;
      if (limit !== null) mark.style.left = share(limit);
      bar.classList.toggle("over", limit !== null && value > limit);
      bar.setAttribute("aria-valuemax", top);
      bar.setAttribute("aria-valuenow", Math.min(top, value));
      bar.setAttribute("aria-valuetext", text);
    },
  };
}

const UNKNOWN = { value: null, text: "not estimated" }; // a driver by rules has no doubts to tell of

/** What the driver's figures mean, as arguments of the three gauges. Pure. */
export function figures(view) {
  const deadline = view.deadline_ms || 0;
  const limit = view.uncertainty_limit ?? 1;
  return {
    latency: view.latency_ms === 0 ? { value: null, text: "not measured" } : {
      value: view.latency_ms, limit: deadline || null, top: deadline ? deadline * 1.25 : Math.max(20, view.latency_ms * 1.5),
      text: `${view.latency_ms < 10 ? view.latency_ms.toFixed(1) : Math.round(view.latency_ms)} ms`,
    },
    uncertainty: view.uncertainty === null ? UNKNOWN : { value: view.uncertainty, limit: limit < 1 ? limit : null, top: 1, text: `${Math.round(view.uncertainty * 100)} %` },
    ood: view.ood === null ? UNKNOWN : { value: view.ood, limit: 1, top: 2, text: view.ood > 9.95 ? "> 10" : view.ood.toFixed(2) },
  };
}
