import "maplibre-gl/dist/maplibre-gl.css";
import { AttributionControl, Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { baseStyle } from "./map-style.js";
import { onTheme, theme } from "./theme.js";

setWorkerUrl(workerUrl);

/**
 * A map in `container`: north up, themed. `config` is {tiles, bounds: [west, south, east, north] | null}.
 * `decorate(map, theme)` adds our sources and layers, now and again after each change of theme.
 */
export function createMap(container, config, decorate, options = {}) {
  const { bounds } = config;
  const map = new MapLibre({
    container,
    style: baseStyle(theme(), config.tiles),
    ...(bounds ? { bounds, fitBoundsOptions: { padding: options.padding ?? 40 } } : { center: [0, 20], zoom: 1.5 }),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    maxZoom: 19.5,
    renderWorldCopies: false,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    canvasContextAttributes: { antialias: true },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), options.controls ?? "bottom-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: true, customAttribution: '<a href="https://www.openstreetmap.org/copyright">© OpenStreetMap contributors</a>' }), "bottom-left");
  map.on("style.load", () => decorate(map, theme()));
  onTheme((next) => map.setStyle(baseStyle(next, config.tiles), { diff: false }));
  return map;
}

export const collection = (features) => ({ type: "FeatureCollection", features });
export const feature = (geometry, properties = {}, id = undefined) => ({ type: "Feature", geometry, properties, ...(id === undefined ? {} : { id }) });
export const line = (coordinates) => ({ type: "LineString", coordinates });
export const point = (lon, lat) => ({ type: "Point", coordinates: [lon, lat] });

/** Set the data of a GeoJSON source that may not be there yet (before the style has loaded). */
export const setData = (map, source, data) => map.getSource(source)?.setData(data);
