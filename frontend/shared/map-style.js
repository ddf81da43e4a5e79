// The base map: our own vector tiles, quiet, so that cars and zones speak. No sprites and no glyph server: pictures are
// drawn by us and letters by the browser.

const PALETTE = {
  light: {
    land: "#eceef0", water: "#c5d9e8", park: "#d9e6d3", building: "#e2e5e8", casing: "#d3d8dd", road: "#ffffff", major: "#ffffff",
    majorCasing: "#c3cad1", text: "#5c6671", halo: "#ffffff", signal: "#98a2ad",
  },
  dark: {
    land: "#141920", water: "#1b2c3c", park: "#192720", building: "#1a2028", casing: "#11151a", road: "#2a323c", major: "#364150",
    majorCasing: "#10141a", text: "#8e9aa8", halo: "#141920", signal: "#56616d",
  },
};

const MAJOR = ["motorway", "trunk", "primary", "secondary"];
const WIDTH = { motorway: 9, trunk: 8, primary: 7.5, secondary: 6.5, tertiary: 5.5, unclassified: 4.5, residential: 4.2, living_street: 3.6, service: 2.4 };

const width = (extra) => {
  const at = (scale) => ["match", ["get", "class"], ...Object.entries(WIDTH).flatMap(([name, w]) => [name, w * scale + extra]), 3 * scale + extra];
  return ["interpolate", ["exponential", 1.5], ["zoom"], 11, at(0.16), 14, at(0.62), 16, at(1.5), 18, at(4)];
};

export const FONT = ["Inter Variable"];

/** The base style for `theme`, with tiles from `tiles` (a URL template). */
export function baseStyle(theme, tiles) {
  const c = PALETTE[theme];
  const roads = (id, filter, paint, layout = {}) => ({
    id, type: "line", source: "base", "source-layer": "roads", filter, paint,
    layout: { "line-cap": "round", "line-join": "round", ...layout },
  });
  const major = ["in", ["get", "class"], ["literal", MAJOR]];
  return {
    version: 8,
    sources: { base: { type: "vector", tiles: [new URL(tiles, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}")], minzoom: 5, maxzoom: 16 } },
    layers: [
      { id: "land", type: "background", paint: { "background-color": c.land } },
      { id: "park", type: "fill", source: "base", "source-layer": "park", paint: { "fill-color": c.park } },
      { id: "water", type: "fill", source: "base", "source-layer": "water", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": c.water } },
      { id: "waterway", type: "line", source: "base", "source-layer": "water", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": c.water, "line-width": 3 } },
      { id: "building", type: "fill", source: "base", "source-layer": "building", minzoom: 14.5, paint: { "fill-color": c.building } },
      roads("minor-casing", ["!", major], { "line-color": c.casing, "line-width": width(1.6) }),
      roads("minor", ["!", major], { "line-color": c.road, "line-width": width(0.3) }),
      roads("major-casing", major, { "line-color": c.majorCasing, "line-width": width(1.8) }),
      roads("major", major, { "line-color": c.major, "line-width": width(0.4) }),
      { id: "signals", type: "circle", source: "base", "source-layer": "signals", minzoom: 15.5, paint: { "circle-radius": 2.2, "circle-color": c.signal } },
      {
        id: "road-names", type: "symbol", source: "base", "source-layer": "roads", minzoom: 14.2, filter: ["has", "name"],
        layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-padding": 14, "symbol-spacing": 320 },
        paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.4 },
      },
    ],
  };
}

export const inkOf = (theme) => (theme === "dark" ? "#e9edf2" : "#14181d");
export const paperOf = (theme) => (theme === "dark" ? "#171c23" : "#ffffff");
