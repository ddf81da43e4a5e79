import assert from "node:assert/strict";
import { test } from "node:test";
import { aimText, axis, curves, intervalText, keepsUp, million, ROWS, scenarioRows, verdict } from "../releases/figures.js";

const [completed, atFault] = ROWS.driving;
const refused = ROWS.language[1];
const figure = (value, low = null, high = null, n = null) => ({ value, low, high, n });

test("an aim is met only when the interval says so too", () => {
  assert.equal(verdict(completed, figure(0.99, 0.975, 1, 500)), "met");
  assert.equal(verdict(completed, figure(0.98, 0.95, 0.99, 100)), "open");
  assert.equal(verdict(completed, figure(0.96, 0.9, 0.99, 100)), "missed");
  assert.equal(verdict(atFault, figure(2, 0.1, 11, 1)), "open");
  assert.equal(verdict(atFault, figure(2, 1, 4, 9)), "met");
  assert.equal(verdict(completed, undefined), null);
});

test("all of them is met by all of them, which no number of runs proves", () => {
  assert.equal(verdict(refused, figure(1, 0.98, 1, 200)), "met");
  assert.equal(verdict(refused, figure(0.995, 0.97, 1, 200)), "missed");
});

test("figures are told with unit, interval and what they rest on", () => {
  assert.equal(completed[2](0.958), "95.8 %");
  assert.equal(completed[2](0.9991), "99.91 %");
  assert.equal(intervalText(completed, figure(0.95, 0.9, 0.97, 120)), "90–97 %, n 120");
  assert.equal(intervalText(atFault, figure(3.1, 0.1, 11.2, 1)), "0.1–11, 1 event");
  assert.equal(intervalText(atFault, figure(3.1, 0.1, null, 0)), "≥ 0.1, 0 events");
  assert.equal(intervalText(completed, figure(0.9)), "");
  assert.deepEqual([aimText(completed), aimText(atFault), aimText(ROWS.driving.find(([key]) => key === "pdms"))], ["≥ 97 %", "≤ 5", ""]);
  assert.deepEqual([million(2834112), million(950), million(null)], ["2.83 M", "950", null]);
});

test("one axis holds all intervals of a row, also when there is only one value", () => {
  const [from, to] = axis([figure(0.9, 0.8, 0.95), undefined, figure(0.99)]);
  assert.ok(from < 0.8 && to > 0.99);
  const [least, most] = axis([figure(0)]);
  assert.ok(least < 0 && most > 0);
});

test("the worst scenario stands first, one that a release never drove stays empty", () => {
  const one = (name, success, teacher_success = null) => ({ name, success, n: 20, teacher_success });
  const rows = scenarioRows([{ scenarios: [one("fog", 20), one("rain", 12, 20)] }, { scenarios: [one("fog", 5), one("night", 20, 19)] }]);
  assert.deepEqual(rows.map(({ name }) => name), ["rain", "fog", "night"]);
  assert.deepEqual(rows[2].cells, [null, one("night", 20, 19)]);
  assert.deepEqual(rows[0].teacher, { success: 20, n: 20 });
  assert.equal(keepsUp(rows[0].cells[0], rows[0].teacher), false);
  assert.equal(keepsUp(rows[1].cells[0], null), true);
});

test("curves of different lengths lie on one time axis, with gaps and not with zeros", () => {
  const at = (minutes, val_loss) => ({ minutes, val_loss });
  const { names, data } = curves([{ name: "a", curve: [at(0, 2), at(10, 1)] }, { name: "none", curve: [at(0, null)] }, { name: "b", curve: [at(5, 3)] }], "val_loss");
  assert.deepEqual(names, ["a", "b"]);
  assert.deepEqual(data, [[0, 5, 10], [2, null, 1], [null, 3, null]]);
});
