// A polygon as typed or drawn: text to positions and back, without a map.

/** The rings in `text`: a GeoJSON Polygon (or a Feature of one), or one "lon, lat" a line. Throws Error with the reason. */
export function parseRings(text) {
  const trimmed = text.trim();
  if (!trimmed) return [[]];
  if (trimmed.startsWith("{")) return fromGeoJson(trimmed);
  if (trimmed.startsWith("[")) return closedOff([json(trimmed)]);
  const ring = trimmed.split("\n").filter((line) => line.trim()).map((line, i) => {
    const numbers = line.trim().split(/[\s,;]+/).map(Number);
    if (numbers.length !== 2 || !numbers.every(Number.isFinite)) throw new Error(`Line ${i + 1}: expected "longitude, latitude".`);
    if (Math.abs(numbers[0]) > 180 || Math.abs(numbers[1]) > 90) throw new Error(`Line ${i + 1}: longitude goes to ±180, latitude to ±90, in this order.`);
    return numbers;
  });
  return closedOff([ring]);
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("This is not JSON. Paste a GeoJSON polygon, or one “longitude, latitude” a line.");
  }
}

function fromGeoJson(text) {
  let shape = json(text);
  if (shape.type === "FeatureCollection" && shape.features?.length === 1) shape = shape.features[0];
  if (shape.type === "Feature") shape = shape.geometry;
  if (shape?.type !== "Polygon" || !Array.isArray(shape.coordinates)) throw new Error("Only a GeoJSON Polygon is taken.");
  return closedOff(shape.coordinates);
}

// Rings are kept without their last position, which repeats the first.
const closedOff = (rings) => rings.map((ring) => (ring.length > 1 && same(ring[0], ring.at(-1)) ? ring.slice(0, -1) : ring));
const same = (a, b) => a?.[0] === b?.[0] && a?.[1] === b?.[1];

export const round = ([lon, lat]) => [Math.round(lon * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6];

export const ringText = (ring) => ring.map(([lon, lat]) => `${lon}, ${lat}`).join("\n");

/** GeoJSON of rings that are kept open. */
export const polygon = (rings) => ({ type: "Polygon", coordinates: rings.map((ring) => (ring.length ? [...ring, ring[0]] : [])) });

export const middle = (a, b) => round([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
