// Words for what the driver reports. Whatever is not known here is shown as the car said it.
export const CAMERAS = {
  front_narrow: "Front, far",
  front_wide: "Front",
  left: "Left",
  right: "Right",
  rear: "Rear",
};
const FIRST = ["front_wide", "front_narrow", "left", "right", "rear"];

const CAUSES = {
  cruise: "Driving on",
  turn: "Turning",
  follow: "Following",
  red_light: "Red light",
  yield: "Giving way",
  pedestrian: "Pedestrian",
  cyclist: "Cyclist",
  blocked: "Way blocked",
  works: "Road works",
  school_bus: "School bus",
  emergency: "Emergency vehicle",
  officer: "Officer directs",
  unknown_object: "Unknown object",
  passing: "Passing",
  stopping: "Stopping",
  standing: "Standing",
  leaving_kerb: "Leaving the kerb",
  order_wait: "Told to wait",
  order_pull_over: "Told to pull over",
  low_visibility: "Low visibility",
  camera_fault: "Camera fault",
  refused: "Refuses",
};

export const cameraName = (name) => CAMERAS[name] ?? name.replaceAll("_", " ");
export const causeName = (cause) => CAUSES[cause] ?? cause.replaceAll("_", " ");

/** Cameras in the order of the keys 1 to 5, whatever the order in which the car sends them. */
export function inOrder(pictures) {
  const rank = ({ camera }) => (FIRST.indexOf(camera) + 1 || FIRST.length + 1);
  return [...pictures].sort((a, b) => rank(a) - rank(b));
}

/** What the drawing from above shows, in a sentence for who can't see it. */
export function planText(view, stepS = view.plan_step_s) {
  const plan = view.plan ?? [];
  if (!plan.length) return "No plan.";
  const [ahead, left, mps] = plan.at(-1);
  const side = Math.abs(left) < 1 ? "" : `, ${Math.abs(left).toFixed(0)} m to the ${left > 0 ? "left" : "right"}`;
  const nearest = [...(view.things ?? [])].filter((t) => t.ahead_m > 0).sort((a, b) => a.ahead_m - b.ahead_m)[0];
  const near = nearest ? ` Nearest ahead: ${nearest.kind.replaceAll("_", " ")}, ${nearest.ahead_m.toFixed(0)} m.` : "";
  const others = view.alternatives?.length ?? 0;
  return `In ${(plan.length * stepS).toFixed(0)} s: ${Math.max(0, ahead).toFixed(0)} m ahead${side}, at ${Math.round(mps * 3.6)} km/h; ${others} other ${others === 1 ? "plan" : "plans"} weighed.${near}`;
}

/** Why a look has ended for good, by the close code of its line; null: the line is dialled again. */
export function endText(code) {
  return {
    4403: "You may not look through this car's cameras.",
    4404: "This car is not in the fleet.",
    4408: "The look has ended after 15 minutes.",
    4500: "The look could not be written in the ledger, so no pictures are given.",
    4400: "The look was refused.",
  }[code] ?? null;
}
