import assert from "node:assert/strict";
import { test } from "node:test";
import { ageText, PlatformClock } from "../console/driver/clock.js";
import { figures } from "../console/driver/gauges.js";
import { frameOf, rings } from "../console/driver/scale.js";
import { causeName, endText, inOrder, planText } from "../console/driver/words.js";

test("a picture's age is told by the platform's clock, however wrong the browser's is", () => {
  const clock = new PlatformClock();
  clock.hear(1_000_000, 5_000_200); // this browser is 4,000,200 ms ahead, or the message took a while
  assert.equal(clock.age(1_000_000, 5_000_200), 0);
  assert.equal(clock.age(999_500, 5_001_200), 1.5);
});

test("a message that was delayed makes no picture younger", () => {
  const clock = new PlatformClock();
  clock.hear(10_000, 10_000);
  clock.hear(10_500, 12_500); // two seconds on the way
  assert.ok(Math.abs(clock.age(10_500, 12_500) - 2) < 0.01);
});

test("an age grows without any message, and is never negative", () => {
  const clock = new PlatformClock();
  assert.equal(clock.age(Date.now() + 5000), 0);
  clock.hear(1000, 1000);
  assert.equal(clock.age(900, 4900), 4);
  assert.deepEqual([ageText(0.04), ageText(1.55), ageText(12.4), ageText(190)], ["0.0 s old", "1.6 s old", "12 s old", "3 min old"]);
});

test("cameras keep their keys whatever the order in which a car sends them", () => {
  const sent = ["rear", "odd_one", "left", "front_narrow", "front_wide"].map((camera) => ({ camera }));
  assert.deepEqual(inOrder(sent).map(({ camera }) => camera), ["front_wide", "front_narrow", "left", "rear", "odd_one"]);
});

test("the drawing holds the whole plan, the car at its lower edge", () => {
  const frame = frameOf({ plan: [[5, 0, 3], [40, 2, 8]], alternatives: [{ points: [[44, 1]] }], front_m: 4 }, 200, 305);
  assert.equal(frame.ahead, 56);
  assert.ok(frame.at(44, 1)[1] > 0);
  assert.ok(frame.at(0, 0)[1] < 305);
  assert.equal(frame.at(10, 0)[0], 100);
  assert.ok(frame.at(10, 2)[0] < 100, "left is left");
  assert.equal(frameOf({ plan: [] }, 200, 300).ahead, 22);
  assert.equal(frameOf({ plan: [[900, 0, 30]] }, 200, 300).ahead, 120);
  assert.deepEqual(rings(22), [5, 10, 15, 20]);
});

test("who can't see the drawing is told the plan", () => {
  const view = { plan_step_s: 0.2, plan: Array.from({ length: 20 }, (_, k) => [k + 1, 3, 5]), alternatives: [{}, {}], things: [{ kind: "school_bus", ahead_m: 30 }, { kind: "pedestrian", ahead_m: 8 }, { kind: "vehicle", ahead_m: -5 }] };
  assert.equal(planText(view), "In 4 s: 20 m ahead, 3 m to the left, at 18 km/h; 2 other plans weighed. Nearest ahead: pedestrian, 8 m.");
  assert.equal(planText({ plan: [] }), "No plan.");
});

test("figures beyond their limits are seen as such, unknown ones are not made up", () => {
  const told = figures({ latency_ms: 250, deadline_ms: 200, uncertainty: 0.7, uncertainty_limit: 0.6, ood: 12 });
  assert.deepEqual([told.latency.limit, told.latency.top, told.latency.text], [200, 250, "250 ms"]);
  assert.deepEqual([told.uncertainty.limit, told.uncertainty.text, told.ood.text], [0.6, "70 %", "> 10"]);
  const blank = figures({ latency_ms: 0, deadline_ms: 0, uncertainty: null, ood: null });
  assert.deepEqual(Object.values(blank).map(({ value }) => value), [null, null, null]);
});

test("a word of a later car is shown as it came, and only an end for good ends a look", () => {
  assert.deepEqual([causeName("red_light"), causeName("flying_saucer")], ["Red light", "flying saucer"]);
  assert.equal(endText(1006), null);
  for (const code of [4400, 4403, 4404, 4408, 4500]) assert.ok(endText(code).length > 10);
});
