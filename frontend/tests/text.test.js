import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "../shared/backoff.js";
import { orderOutcome, standFailed, toldOutcome } from "../console/order.js";
import { age, clock, distance, minutes, speed, words } from "../shared/format.js";
import { GROUPS, groupOf } from "../shared/states.js";
import { parsePlace, placeText } from "../rider/place.js";
import { say, STEPS } from "../rider/words.js";
import { parseRings, polygon, ringText } from "../zones/ring.js";
import { impactText } from "../zones/impact.js";

test("durations, distances and speeds are told as people say them", () => {
  assert.deepEqual([clock(5), clock(65), clock(4000)], ["0:05", "1:05", "1:06:40"]);
  assert.deepEqual([age(9), age(61), age(7300)], ["9 s", "1 min", "2 h"]);
  assert.deepEqual([minutes(30), minutes(200)], ["under 1 min", "3 min"]);
  assert.deepEqual([distance(384), distance(2349)], ["380 m", "2.3 km"]);
  assert.equal(speed(10), "36 km/h");
  assert.equal(words("stopped.at_pickup"), "at pickup");
});

test("waiting before the next dial grows to a ceiling and is never the same for all", () => {
  assert.equal(backoffMs(0, { random: () => 0 }), 150);
  assert.equal(backoffMs(3, { random: () => 1 }), 3350);
  assert.equal(backoffMs(40, { random: () => 1 }), 15150);
});

test("no two groups of cars share a shape, or a colour", () => {
  const groups = Object.values(GROUPS);
  assert.equal(new Set(groups.map(({ shape }) => shape)).size, groups.length);
  assert.equal(new Set(groups.map(({ color }) => color)).size, groups.length);
});

test("a car that makes itself safe needs attention whatever its state", () => {
  assert.equal(groupOf({ state: "on_trip.driving", drive_mode: "AUTONOMOUS" }), "trip");
  assert.equal(groupOf({ state: "on_trip.driving", drive_mode: "MRC_REACHED" }), "attention");
  assert.equal(groupOf({ state: "on_trip.driving", drive_mode: "AUTONOMOUS", question: "May I pass?" }), "attention");
  assert.equal(groupOf({ state: "non_contactable", drive_mode: "AUTONOMOUS" }), "attention");
  assert.equal(groupOf({ state: "removed.depot", drive_mode: "MANUAL" }), "off");
});

test("a typed place is longitude first and within the world", () => {
  assert.deepEqual(parsePlace(" 7.42, 43.73 "), { lon: 7.42, lat: 43.73 });
  assert.equal(parsePlace("  "), null);
  for (const bad of ["7.42", "a, b", "1, 2, 3", "190, 2", "7, 95", "NaN, 1", "Infinity 3"]) assert.throws(() => parsePlace(bad), Error);
  assert.equal(placeText({ lon: 7.4, lat: 43.7 }), "7.40000, 43.70000");
});

test("a shape may be typed, or pasted as GeoJSON, and comes back the same", () => {
  const ring = [[7.41, 43.73], [7.42, 43.73], [7.42, 43.74]];
  assert.deepEqual(parseRings(ringText(ring)), [ring]);
  assert.deepEqual(parseRings(JSON.stringify(polygon([ring]))), [ring]);
  assert.deepEqual(parseRings(JSON.stringify({ type: "Feature", geometry: polygon([ring]), properties: {} })), [ring]);
  assert.deepEqual(polygon([ring]).coordinates[0].at(-1), ring[0]);
});

test("what is no shape is refused with the line at fault", () => {
  assert.throws(() => parseRings("7.4, 43.7\n7.4"), /Line 2/);
  assert.throws(() => parseRings("43.7, 143"), /Line 1/);
  assert.throws(() => parseRings('{"type":"Point","coordinates":[1,2]}'), /Polygon/);
  assert.throws(() => parseRings("{nonsense"), /not JSON/);
});

test("the impact is one sentence with singular and plural", () => {
  const text = impactText({ area_km2: 0.02, road_km: 1.25, vehicles: ["a"], rides: [], missions: ["m", "n"] });
  assert.equal(text, "20,000 m² with 1.3 km of lanes; 1 car inside, 2 planned routes cross it, 0 open rides begin or end in it.");
});

test("every state of a ride has words for the rider", () => {
  const ride = { pickup: { name: "Quay" }, dropoff: { name: "Casino" }, vehicle: { plate: "HX-1" }, end_reason: "" };
  const states = ["requested", "scheduled", "matching", "reserved", "arrived", "boarding", "on_trip", "stopped", "held", "alighting", "transferring", "completed", "cancelled", "no_show", "rejected", "expired", "failed"];
  for (const state of states) assert.ok(say({ ...ride, state }, null, 0)[0].length > 3, state);
  const told = STEPS.flatMap(([, names]) => names);
  assert.deepEqual(states.filter((s) => !told.includes(s)), ["cancelled", "no_show", "rejected", "expired", "failed"]);
});

test("an order is told as asked, done, or failed with its reason, and never as done before the car has said so", () => {
  const now = Date.parse("2026-05-01T10:00:07Z");
  const order = (command, outcome, code = "") => ({ command, outcome, code, issued_at: "2026-05-01T10:00:00+00:00" });
  const told = (...fields) => orderOutcome(order(...fields), now);
  assert.deepEqual(orderOutcome(null, now), { text: "none", kind: "" });
  assert.deepEqual(told("hold", "asked"), { text: "Hold: asked 7 s ago, no answer yet", kind: "warn" });
  assert.deepEqual(told("pull_over", "accepted"), { text: "Pull over: done, the car obeys (7 s ago)", kind: "" });
  assert.deepEqual(told("release", "expired", "no_answer"), { text: "Release: expired, the car did not answer in time (7 s ago)", kind: "bad" });
  assert.deepEqual(told("release", "refused", "seq_not_rising"), { text: "Release: refused, seq_not_rising (7 s ago)", kind: "bad" });
  assert.deepEqual(told("release", "superseded", "fault"), { text: "Release: no longer counts, the car reported a fault meanwhile (7 s ago)", kind: "bad" });
  assert.equal(standFailed(order("hold", "expired")), true);
  assert.equal(standFailed(order("hold", "asked")), false);
  assert.equal(standFailed(order("release", "expired")), false);
  assert.equal(standFailed(null), false);
});

test("words to the driver are on their way, heard, or not heard and why", () => {
  const told = { reason: "wait", outcome: "asked", code: "", issued_at: "2026-01-01T00:00:00Z" };
  const now = Date.parse("2026-01-01T00:00:08Z");
  assert.deepEqual(toldOutcome(null, now), { text: "", kind: "" });
  assert.equal(toldOutcome(told, now).text, "“wait”: on its way");
  assert.equal(toldOutcome({ ...told, outcome: "accepted" }, now).text, "“wait”: heard 8 s ago");
  assert.deepEqual(toldOutcome({ ...told, outcome: "expired", code: "expired" }, now), { text: "“wait”: not heard, it could not be delivered in time (8 s ago)", kind: "bad" });
  assert.equal(toldOutcome({ ...told, reason: "taken back", outcome: "accepted" }, now).text, "Taking back: heard 8 s ago");
});
