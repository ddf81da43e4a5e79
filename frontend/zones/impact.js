const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** What a shape touches, as a sentence. */
export function impactText({ area_km2, road_km, vehicles, rides, missions }) {
  const size = area_km2 < 0.1 ? `${Math.round(area_km2 * 1e6).toLocaleString("en")} m²` : `${area_km2.toFixed(2)} km²`;
  return `${size} with ${road_km.toFixed(1)} km of lanes; ${count(vehicles.length, "car", "cars")} inside, ${count(missions.length, "planned route crosses", "planned routes cross")} it, ${count(rides.length, "open ride begins or ends", "open rides begin or end")} in it.`;
}
