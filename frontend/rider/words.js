import { minutes, time } from "../shared/format.js";

const until = (iso, now) => (iso ? Math.max(0, (Date.parse(iso) - now) / 1000) : null);

/** Title and sentence for a ride: what happens, and what the rider does next. */
export function say(ride, tracking, now = Date.now()) {
  const pickup = until(tracking?.pickup_eta_at ?? ride.pickup.eta_at, now);
  const arrival = tracking?.dropoff_eta_at ?? ride.dropoff.eta_at;
  const car = ride.vehicle?.plate ?? "Your car";
  switch (ride.state) {
    case "requested":
    case "matching":
    case "scheduled":
      return ["Finding your car", "This takes a few seconds when a car is free. You may leave this page; the ride goes on."];
    case "reserved":
      return [pickup === null ? `${car} is on its way` : `${car} comes in ${minutes(pickup)}`, `Walk to ${ride.pickup.name || "the meeting point"}.`];
    case "arrived":
      return [`${car} is here`, ride.pickup.name ? `It stands at ${ride.pickup.name}. Unlock it when you are beside it.` : "Unlock it when you are beside it."];
    case "boarding":
      return ride.start_asked_at ? ["Setting off", "The doors are closing."] : ["Doors are open", "Get in, fasten your belt, then start the ride."];
    case "on_trip":
      return ["On your way", arrival ? `You arrive about ${time(arrival)}.` : "Sit back."];
    case "stopped":
      return ["A short stop", "The car goes on in a moment."];
    case "held":
      return ["The car stands", "Somebody is looking into it. Stay in the car unless you are told otherwise."];
    case "alighting":
      return ["You are there", `Take your things. ${ride.dropoff.name || ""}`.trim()];
    case "transferring":
      return ["Another car comes for you", "This one can't go on. Wait where you are."];
    case "completed":
      return ["Thank you for riding", ""];
    case "cancelled":
      return ["The ride is cancelled", REASONS[ride.end_reason] ?? ""];
    case "no_show":
      return ["The car has left", "It waited for you and nobody came."];
    case "rejected":
      return ["No car could come", REASONS[ride.end_reason] ?? "We are sorry. Try again in a few minutes."];
    default:
      return ["The ride has ended", REASONS[ride.end_reason] ?? "We are sorry."];
  }
}

export const REASONS = {
  changed_plans: "Your plans changed.",
  wait_too_long: "The wait was too long.",
  wrong_place: "It was the wrong place.",
  booked_by_mistake: "It was booked by mistake.",
  feels_unsafe: "It didn't feel safe.",
  operator: "An operator ended it.",
};

export const STEPS = [
  ["Booked", ["requested", "matching", "scheduled", "transferring"]],
  ["On its way", ["reserved"]],
  ["Here", ["arrived", "boarding"]],
  ["Riding", ["on_trip", "stopped", "held"]],
  ["There", ["alighting", "completed"]],
];

const NOT_HERE = {
  outside_service_area: "Outside the service area",
  no_go: "Closed to cars",
  emergency: "Closed: emergency",
  no_stop: "No stopping here",
  no_stop_near: "No place to stop near here",
};

/** A few words for the mark on the map: the zone's name, or what stands in the way. */
export const whyNot = (problem, spot) => problem.body.zone_name || spot.zone_name || NOT_HERE[spot.reason ?? problem.code] || "Not possible here";
