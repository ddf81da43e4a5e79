import { h } from "../shared/dom.js";
import { words } from "../shared/format.js";
import { keepsUp, scenarioRows } from "./figures.js";

const percent = ({ success, n }) => Math.round((100 * success) / n);

/** Every scenario type with how many runs ended well, the worst first. */
export function scenarioMatrix(releases) {
  const drawn = releases.filter(({ scenarios }) => scenarios.length);
  const rows = scenarioRows(drawn);
  if (!rows.length) return null;
  const behind = drawn.map((release, i) => rows.filter(({ cells, teacher }) => cells[i] && !keepsUp(cells[i], teacher)).length);
  return h("div", { class: "stack" },
    h("p", { class: "muted small" }, drawn.map((release, i) => `${release.name}: ${rows.filter(({ cells }) => cells[i]).length} types, ${behind[i] ? `${behind[i]} below nine tenths of the teacher` : "none below nine tenths of the teacher"}`).join(" · ")),
    h("div", { class: "matrix" }, rows.map((row) => tile(row, drawn))));
}

function tile({ name, cells, teacher }, releases) {
  return h("article", { class: "tile" }, h("h4", {}, words(name)),
    h("dl", {}, cells.map((cell, i) => cell && bar(releases[i].name, cell, keepsUp(cell, teacher))), teacher && bar("teacher", teacher, true, "is-teacher")));
}

function bar(label, cell, good, kind = "") {
  return h("div", { class: `tile-row ${kind} ${good ? "" : "behind"}` }, h("dt", {}, label),
    h("dd", { class: "num" }, h("span", { class: "tile-bar", "aria-hidden": "true" }, h("i", { style: { width: `${percent(cell)}%` } })),
      h("span", {}, `${cell.success}/${cell.n}`), !good && h("span", { class: "visually-hidden" }, "below nine tenths of the teacher")));
}
