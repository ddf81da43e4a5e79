import { h } from "../shared/dom.js";

const AIM = 12; // times faster than the base line
const ms = (v) => (v < 10 ? v.toFixed(1) : Math.round(v).toLocaleString("en"));
const times = (v) => `${v < 100 ? v.toFixed(1) : Math.round(v)} ×`;

/** From pixels to trajectory: this release beside its base line at each batch, and what each choice gives. */
export function inference(release) {
  const { batches, choices } = release;
  if (!batches.length && !choices.length) return null;
  return h("article", { class: "stack" },
    h("p", { class: "muted small" }, `${release.name} against ${release.baseline || "its base line"}${release.inference_device ? `, ${release.inference_device}` : ""}; pixels to trajectory, median.`),
    batches.length > 0 && h("div", { class: "batches" }, batches.map((batch) => batchRow(release, batch))),
    choices.length > 0 && h("div", {}, h("h3", {}, "What each choice gives alone"), h("dl", { class: "choices" }, choiceRows(choices))));
}

function batchRow(release, { batch, p50_ms, p99_ms, baseline_p50_ms, ratio }) {
  const most = Math.max(p50_ms ?? 0, baseline_p50_ms ?? 0);
  const bar = (name, value, kind, more = "") => value !== null && h("div", { class: `bar ${kind}` }, h("span", { class: "bar-name" }, name),
    h("span", { class: "bar-track" }, h("i", { style: { width: `${Math.max(0.6, (100 * value) / most)}%` } })), h("span", { class: "bar-text num" }, `${ms(value)} ms${more}`));
  return h("div", { class: "batch" }, h("h3", {}, batch === 1 ? "1 car" : `${batch} cars at once`),
    ratio !== null && h("p", { class: `ratio num ${ratio >= AIM ? "met" : ""}` }, times(ratio), h("span", { class: "muted small" }, ratio >= AIM ? ` faster, aim ${AIM} ×` : ` of the ${AIM} × aimed at`)),
    bar(release.name, p50_ms, "own", p99_ms === null ? "" : `, 99 %: ${ms(p99_ms)}`), bar(release.baseline || "base line", baseline_p50_ms, "base"));
}

function choiceRows(choices) {
  const most = Math.max(...choices.map(({ ratio }) => ratio), 1);
  return choices.map(({ name, ratio }) => h("div", {}, h("dt", {}, name), h("dd", {}, h("span", { class: "bar-track" }, h("i", { style: { width: `${(100 * ratio) / most}%` } })), h("span", { class: "num" }, times(ratio)))));
}
