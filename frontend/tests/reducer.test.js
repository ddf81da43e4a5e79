import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEvents, applyPatch, Gap } from "../shared/reducer.js";

const start = () => ({ seq: 4, vehicles: { a: { state: "available.idle", plate: "A1" } }, rides: {} });
const event = (seq, patch) => ({ seq, patch });

test("a patch merges fields and leaves the others", () => {
  const state = start();
  applyPatch(state, { vehicles: { a: { state: "reserved.enroute" } } });
  assert.deepEqual(state.vehicles.a, { state: "reserved.enroute", plate: "A1" });
});

test("null removes a row, also one that is not there", () => {
  const state = start();
  applyPatch(state, { vehicles: { a: null, b: null } });
  assert.deepEqual(state.vehicles, {});
});

test("an entity that the snapshot did not have is added", () => {
  const state = start();
  applyPatch(state, { incidents: { x: { kind: "stop" } } });
  assert.deepEqual(state.incidents, { x: { kind: "stop" } });
});

test("rows are replaced and never changed in place, so that holders of an old row keep it", () => {
  const state = start();
  const before = state.vehicles.a;
  applyPatch(state, { vehicles: { a: { state: "elsewhere" } } });
  assert.equal(before.state, "available.idle");
});

test("events are applied in order and say what they touched", () => {
  const state = start();
  const touched = applyEvents(state, [event(5, { rides: { r: { state: "requested" } } }), event(6, {}), event(7, { rides: { r: { state: "matching" }, s: null } })]);
  assert.equal(state.seq, 7);
  assert.deepEqual(state.rides, { r: { state: "matching" } });
  assert.deepEqual([...touched.rides].sort(), ["r", "s"]);
});

test("events that are known already change nothing", () => {
  const state = start();
  applyEvents(state, [event(3, { vehicles: { a: null } }), event(4, { vehicles: { a: null } })]);
  assert.equal(state.vehicles.a.plate, "A1");
  assert.equal(state.seq, 4);
});

test("a missing event stops everything that follows", () => {
  const state = start();
  assert.throws(() => applyEvents(state, [event(5, {}), event(7, { vehicles: { a: null } })]), (error) => error instanceof Gap && error.message === "event 7 does not follow 5");
  assert.equal(state.seq, 5);
  assert.equal(state.vehicles.a.plate, "A1");
});

test("any split of the same events gives the same state", () => {
  const events = Array.from({ length: 40 }, (_, i) => event(5 + i, { vehicles: { [`v${i % 7}`]: i % 11 === 10 ? null : { n: i } } }));
  const whole = start();
  applyEvents(whole, events);
  for (let cut = 0; cut <= events.length; cut++) {
    const parts = start();
    applyEvents(parts, events.slice(0, cut));
    applyEvents(parts, events.slice(Math.max(0, cut - 3))); // an overlap, as after a reconnect
    assert.deepEqual(parts, whole);
  }
});
