import { age } from "../shared/format.js";

const NAMES = { hold: "Hold", pull_over: "Pull over", release: "Release" };
const WHY = {
  expired: "it could not be delivered in time",
  no_answer: "the car did not answer in time",
  not_held: "nothing makes the car stand",
  from_future: "the car's clock is behind",
  fault: "the car reported a fault meanwhile",
  held_again: "the car was held again",
};
const STANDS = new Set(["hold", "pull_over"]);
const FAILED = new Set(["refused", "expired", "superseded"]);

/** An operator's last order in words, and how it went: {text, kind}, kind "" | "warn" | "bad". `now` in Unix ms. */
export function orderOutcome(order, now) {
  if (!order) return { text: "none", kind: "" };
  const name = NAMES[order.command] ?? order.command;
  const why = WHY[order.code] ?? order.code;
  const since = `${age((now - Date.parse(order.issued_at)) / 1000)} ago`;
  if (order.outcome === "asked") return { text: `${name}: asked ${since}, no answer yet`, kind: "warn" };
  if (order.outcome === "accepted") return { text: `${name}: done, the car obeys (${since})`, kind: "" };
  const answered = order.outcome === "superseded" ? "no longer counts" : order.outcome;
  return { text: `${name}: ${answered}${why ? `, ${why}` : ""} (${since})`, kind: order.code === "not_held" ? "" : "bad" };
}

/** What became of words to the driver: {text, kind}. Heard is not obeyed: that, the driver's next views tell. */
export function toldOutcome(told, now) {
  if (!told) return { text: "", kind: "" };
  const since = `${age((now - Date.parse(told.issued_at)) / 1000)} ago`;
  const words = told.reason === "taken back" ? "Taking back" : `“${told.reason}”`;
  if (told.outcome === "asked") return { text: `${words}: on its way`, kind: "" };
  if (told.outcome === "accepted") return { text: `${words}: heard ${since}`, kind: "" };
  return { text: `${words}: not heard, ${WHY[told.code] ?? (told.code || told.outcome)} (${since})`, kind: "bad" };
}

/** Whether the car was told to stand and did not get it or would not: then it may be told again. */
export const standFailed = (order) => Boolean(order && STANDS.has(order.command) && FAILED.has(order.outcome));
