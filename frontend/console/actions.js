import { newKey, post } from "../shared/api.js";
import { confirmAction } from "../shared/dialog.js";
import { toast } from "../shared/toast.js";

const CAR = {
  hold: {
    verb: "Hold the car", path: "hold", done: "Hold ordered",
    text: (plate) => `${plate} stops in its lane and stands until it is released. A rider on board stays on board.`,
    reasons: ["Obstacle ahead", "Report from the public", "Rider asked for it", "Checking the car"],
  },
  release: {
    verb: "Release the car", path: "release", done: "Release ordered",
    text: (plate) => `${plate} goes on with what it was doing. It counts as held until it has answered that it does.`,
    reasons: ["Way is clear", "Checked, all well"],
  },
  pull_over: {
    verb: "Pull over", path: "pull-over", done: "Pull-over ordered",
    text: (plate) => `${plate} stops at the kerb at the next possible place and stands there until it is released.`,
    reasons: ["Rider asked for it", "Emergency vehicle", "Checking the car"],
  },
};
const RIDE = {
  reassign: {
    verb: "Give it to another car", path: "reassign", done: "Another car is looked for",
    text: (label, plate) => `${label} is taken from ${plate} and goes back to the dispatcher, which looks for another car at once.`,
    reasons: ["Car is blocked", "Car is needed elsewhere", "Rider can't reach the car"],
  },
  cancel: {
    verb: "Cancel the ride", path: "cancel", done: "Ride cancelled", danger: true,
    text: (label) => `${label} ends here. The rider is told, and its car becomes free.`,
    reasons: ["Rider asked for it", "Road is closed", "Safety"],
  },
};

/** Order a car; asks first. `name` is hold, release or pull_over. */
export function orderCar(name, id, plate) {
  const { path, ...order } = CAR[name];
  return ask({ ...order, title: `${order.verb}: ${plate}`, text: order.text(plate) }, `/api/vehicles/${id}/${path}`, "reason");
}

/** Change a ride; asks first. `name` is reassign or cancel. */
export function orderRide(name, id, label, plate) {
  const { path, ...order } = RIDE[name];
  return ask({ ...order, title: `${order.verb}: ${label}`, text: order.text(label, plate ?? "its car") }, `/api/rides/${id}/${path}`, "note");
}

async function ask({ done, ...order }, url, field) {
  const key = newKey(); // one intent, one key: pressing again after a broken line doesn't order twice
  const answer = await confirmAction({ ...order, work: (reason) => post(url, { [field]: reason }, key) });
  if (answer) toast(done);
  return answer;
}
