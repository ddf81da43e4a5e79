import { collection, feature } from "./map.js";

// Kinds of zones by colour AND pattern.
export const KINDS = {
  service_area: { label: "Service area", color: "#0b7a5f", hint: "Cars may drive here, and only here." },
  no_go: { label: "No-go", color: "#c2410c", pattern: "slash", hint: "No car may drive here." },
  no_stop: { label: "No stopping", color: "#b7791f", pattern: "dots", hint: "Cars may pass; nobody boards or alights." },
  slow: { label: "Slow", color: "#8a6fd1", pattern: "horizontal", hint: "Cars drive no faster than the given speed." },
  depot: { label: "Depot", color: "#2b6cb0", hint: "Where cars park, charge and are cleaned." },
  emergency: { label: "Emergency", color: "#d4145a", pattern: "cross", hint: "Closed at once, by or for first responders." },
};

const SIZE = 24; // device pixels, shown at half the size
const STROKES = {
  slash: [[0, SIZE, SIZE, 0], [-2, 2, 2, -2], [SIZE - 2, SIZE + 2, SIZE + 2, SIZE - 2]],
  cross: [[0, SIZE, SIZE, 0], [0, 0, SIZE, SIZE]],
  horizontal: [[0, 6, SIZE, 6], [0, 18, SIZE, 18]],
};

function pattern(name, color) {
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const context = canvas.getContext("2d");
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1.5;
  for (const [x0, y0, x1, y1] of STROKES[name] ?? []) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }
  if (name === "dots") for (const [x, y] of [[6, 6], [18, 18]]) context.fillRect(x - 2, y - 2, 4, 4);
  return context.getImageData(0, 0, SIZE, SIZE);
}

const kindColor = ["match", ["get", "kind"], ...Object.entries(KINDS).flatMap(([kind, { color }]) => [kind, color]), "#888"];
const WORLD = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]];

/** Sources and layers for zones; `data` is from `zoneData`. */
export function addZones(map, theme, data, { drafts = false } = {}) {
  for (const [kind, { color, pattern: name }] of Object.entries(KINDS)) {
    if (name && !map.hasImage(`zone-${kind}`)) map.addImage(`zone-${kind}`, pattern(name, color), { pixelRatio: 2 });
  }
  map.addSource("zones", { type: "geojson", data: data.zones, promoteId: "id" });
  map.addSource("outside", { type: "geojson", data: data.outside });
  map.addLayer({ id: "outside", type: "fill", source: "outside", paint: { "fill-color": theme === "dark" ? "#000000" : "#6b7682", "fill-opacity": theme === "dark" ? 0.38 : 0.16 } });
  const shown = drafts ? true : ["==", ["get", "state"], "published"];
  const area = ["all", ["!=", ["get", "kind"], "service_area"], shown];
  map.addLayer({ id: "zone-fill", type: "fill", source: "zones", filter: area, paint: { "fill-color": kindColor, "fill-opacity": ["case", ["==", ["get", "state"], "draft"], 0.08, 0.13] } });
  map.addLayer({
    id: "zone-pattern", type: "fill", source: "zones",
    filter: ["all", area, ["in", ["get", "kind"], ["literal", Object.keys(KINDS).filter((kind) => KINDS[kind].pattern)]]],
    paint: { "fill-pattern": ["concat", "zone-", ["get", "kind"]], "fill-opacity": ["case", ["==", ["get", "state"], "draft"], 0.35, 0.6] },
  });
  const edge = (id, filter, dash) => ({ id, type: "line", source: "zones", filter: ["all", shown, filter], paint: { "line-color": kindColor, "line-width": ["case", ["boolean", ["feature-state", "selected"], false], 4, 2], "line-opacity": 0.95, ...(dash ? { "line-dasharray": dash } : {}) } });
  map.addLayer(edge("zone-edge", ["==", ["get", "state"], "published"]));
  map.addLayer(edge("zone-edge-draft", ["==", ["get", "state"], "draft"], [2, 2]));
}

/** GeoJSON of zones {id: row}: each zone, and what lies outside all published service areas. */
export function zoneData(zones) {
  const rows = Object.entries(zones).map(([id, zone]) => feature(zone.geometry, { id, kind: zone.kind, name: zone.name, state: zone.state }));
  const served = Object.values(zones).filter((zone) => zone.kind === "service_area" && zone.state === "published");
  const outside = served.length ? [feature({ type: "Polygon", coordinates: [WORLD, ...served.map((zone) => [...zone.geometry.coordinates[0]].reverse())] })] : [];
  return { zones: collection(rows), outside: collection(outside) };
}
