// How a car looks, by what it does. Colour (after Okabe and Ito's set, safe for colour-blind eyes) AND shape, never colour alone.

export const GROUPS = {
  free: { label: "Available", color: "#009e73", shape: "circle", rank: 1 },
  coming: { label: "To pick-up", color: "#e69f00", shape: "diamond", rank: 2 },
  kerb: { label: "At the kerb", color: "#56b4e9", shape: "square", rank: 3 },
  trip: { label: "On trip", color: "#1a80cc", shape: "arrow", rank: 4 },
  held: { label: "Held", color: "#cc79a7", shape: "pause", rank: 5 },
  attention: { label: "Attention", color: "#d55e00", shape: "alert", rank: 6 },
  off: { label: "Out of service", color: "#7d8590", shape: "ring", rank: 0 },
};

const BY_STATE = {
  "available.idle": "free",
  "available.repositioning": "free",
  "available.held": "held",
  "reserved.enroute": "coming",
  "reserved.held": "held",
  "stopped.at_pickup": "kerb",
  "stopped.boarding": "kerb",
  "stopped.at_stop": "kerb",
  "stopped.alighting": "kerb",
  "stopped.unplanned": "attention",
  "on_trip.driving": "trip",
  non_contactable: "attention",
  "non_operational.grounded": "attention",
};

const WORDS = {
  "available.idle": "Available",
  "available.repositioning": "Repositioning",
  "available.held": "Held, no rider",
  "reserved.enroute": "On its way to a rider",
  "reserved.held": "Held, rider waiting",
  "stopped.at_pickup": "Waiting at pick-up",
  "stopped.boarding": "Boarding",
  "stopped.at_stop": "At a stop",
  "stopped.unplanned": "Stopped unexpectedly",
  "stopped.alighting": "Alighting",
  "on_trip.driving": "Driving a rider",
  non_contactable: "Not contactable",
  "non_operational.idle": "Out of service",
  "non_operational.charging": "Charging",
  "non_operational.cleaning": "Cleaning",
  "non_operational.maintenance": "Maintenance",
  "non_operational.updating": "Updating",
  "non_operational.grounded": "Grounded",
  "removed.depot": "In the depot",
  "removed.decommissioned": "Decommissioned",
  elsewhere: "Elsewhere",
};

export const groupOf = (vehicle) => {
  const axis = vehicle.drive_mode;
  if (vehicle.question || axis === "MRM_OPERATING" || axis === "MRC_REACHED" || axis === "MRM_FAILED") return "attention";
  return BY_STATE[vehicle.state] ?? "off";
};

export const stateWords = (state) => WORDS[state] ?? state;

export const RIDE_WORDS = {
  requested: "Requested",
  scheduled: "Scheduled",
  matching: "Finding a car",
  reserved: "Car on its way",
  arrived: "Car waiting",
  boarding: "Boarding",
  on_trip: "On trip",
  stopped: "Stopped",
  held: "Held",
  alighting: "Alighting",
  transferring: "Changing cars",
};

export const WAITING = new Set(["requested", "scheduled", "matching", "reserved", "arrived", "boarding", "transferring"]);
export const UNMATCHED = new Set(["requested", "scheduled", "matching", "transferring"]);
