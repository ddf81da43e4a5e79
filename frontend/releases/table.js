import { h, svg } from "../shared/dom.js";
import { aimText, axis, intervalText, ROWS, verdict } from "./figures.js";

const WORDS = { met: "meets the aim", missed: "misses the aim", open: "reaches the aim, not yet certain" };
const MARKS = { met: "✓", missed: "✕", open: "~" };

/** One group of figures: rows are measures, columns are releases and, where known, their teacher. */
export function comparison(title, group, columns) {
  const rows = ROWS[group].filter(([key]) => columns.some(({ figures }) => figures[key]));
  if (!rows.length) return null;
  const aims = rows.some((row) => aimText(row));
  return h("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": title },
    h("table", { class: "scores" },
      h("caption", { class: "visually-hidden" }, title),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, title), columns.map(({ name, teacher }) => h("th", { scope: "col", class: teacher ? "teacher" : "" }, name)), aims && h("th", { scope: "col", class: "aim" }, "Aim"))),
      h("tbody", {}, rows.map((row) => line(row, columns, aims)))));
}

function line(row, columns, aims) {
  const [key, label] = row;
  const range = axis(columns.map(({ figures }) => figures[key]));
  return h("tr", {}, h("th", { scope: "row" }, label), columns.map(({ figures, teacher }) => cell(row, figures[key], range, teacher)),
    aims && h("td", { class: "aim num" }, aimText(row)));
}

function cell(row, figure, range, teacher) {
  if (!figure) return h("td", { class: "none" }, h("span", { class: "muted" }, "not measured"));
  const judged = teacher ? null : verdict(row, figure);
  return h("td", { class: teacher ? "teacher" : "" },
    h("div", { class: "figure num" }, h("b", {}, row[2](figure.value)), judged && h("span", { class: `mark ${judged}`, title: WORDS[judged] }, MARKS[judged], h("span", { class: "visually-hidden" }, WORDS[judged]))),
    whisker(figure, range), h("div", { class: "interval num" }, intervalText(row, figure)));
}

/** A dot with its interval on the row's common axis. */
function whisker({ value, low, high }, [from, to]) {
  const x = (v) => (100 * (v - from)) / (to - from);
  return svg("svg", { class: "whisker", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 100, y1: 5, y2: 5, class: "whisker-axis" }),
    svg("line", { x1: x(low ?? value), x2: high === null && low !== null ? 100 : x(high ?? value), y1: 5, y2: 5, class: "whisker-range" }),
    svg("line", { x1: x(value), x2: x(value), y1: 0, y2: 10, class: "whisker-value" }));
}
