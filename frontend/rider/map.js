import { Marker } from "maplibre-gl";
import { CarsLayer, Motion } from "../shared/cars-layer.js";
import { h } from "../shared/dom.js";
import { collection, createMap, feature, line, setData } from "../shared/map.js";
import { inkOf, paperOf } from "../shared/map-style.js";
import { addZones, zoneData } from "../shared/zone-layers.js";

const EMPTY = collection([]);

/** The rider's map: where one may go, both ends, the way, and the car when it comes. */
export class RideMap {
  constructor(container, config, { onTap, onMove }) {
    Object.assign(this, { zones: {}, lines: EMPTY, car: null, markers: {}, onMove, motion: new Motion(), bounds: config.bounds ?? [-180, -85, 180, 85] });
    this.map = createMap(container, config, (map, theme) => this.decorate(map, theme), { controls: "top-right" });
    this.map.on("click", ({ lngLat }) => onTap({ lon: lngLat.lng, lat: lngLat.lat }));
  }

  decorate(map, theme) {
    const paper = paperOf(theme);
    addZones(map, theme, zoneData(this.zones));
    map.addSource("lines", { type: "geojson", data: this.lines });
    const way = (role, paint) => ({ id: `line-${role}`, type: "line", source: "lines", filter: ["==", ["get", "role"], role], layout: { "line-cap": "round", "line-join": "round" }, paint });
    map.addLayer({ ...way("trip", { "line-color": paper, "line-width": 9 }), id: "line-casing" });
    map.addLayer(way("trip", { "line-color": theme === "dark" ? "#6cb2f5" : "#0b5cad", "line-width": 5 }));
    map.addLayer(way("approach", { "line-color": "#e69f00", "line-width": 4, "line-opacity": 0.85 }));
    map.addLayer(way("walk", { "line-color": inkOf(theme), "line-width": 3, "line-dasharray": [0.2, 2] }));
    const look = () => ({ color: this.car?.stale ? "#98a2ad" : "#0072b2", shape: "arrow", rank: 1, selected: false, stale: Boolean(this.car?.stale), faded: false, size: 34 });
    map.addLayer(new CarsLayer({ look, edge: paper, ink: inkOf(theme) }).carry(this.motion));
  }

  /** Features of /api/service-area. */
  setArea(area) {
    this.zones = Object.fromEntries(area.features.map((f) => [f.id, { ...f.properties, state: "published", geometry: f.geometry }]));
    const data = zoneData(this.zones);
    setData(this.map, "zones", data.zones);
    setData(this.map, "outside", data.outside);
  }

  /** Put, move or remove the pin of "pickup" or "dropoff". */
  pin(end, place, { fixed = false } = {}) {
    if (!place) {
      this.markers[end]?.remove();
      delete this.markers[end];
      return;
    }
    if (this.markers[end] && this.markers[end].fixed !== fixed) this.pin(end, null);
    if (!this.markers[end]) {
      const marker = new Marker({ element: h("div", { "aria-hidden": "true" }, h("div", { class: `pin ${end}` }, h("span", {}, end === "pickup" ? "P" : "D"))), anchor: "bottom", draggable: !fixed });
      marker.fixed = fixed;
      marker.on("dragend", () => { const { lng, lat } = marker.getLngLat(); this.onMove(end, { lon: lng, lat }); });
      this.markers[end] = marker.setLngLat([place.lon, place.lat]).addTo(this.map);
    } else this.markers[end].setLngLat([place.lon, place.lat]);
  }

  /** Mark where something is not possible, with the reason beside it. */
  refuse(place, text) {
    this.mark?.remove();
    this.mark = null;
    if (!place) return;
    this.mark = new Marker({ element: h("div", { class: "refused" }, h("i", {}), h("span", {}, text)), anchor: "left", offset: [-13, 0] }).setLngLat([place.lon, place.lat]).addTo(this.map);
    const [west, south, east, north] = this.bounds;
    const inside = place.lon > west && place.lon < east && place.lat > south && place.lat < north;
    if (inside) this.map.easeTo({ center: [place.lon, place.lat], zoom: Math.max(this.map.getZoom(), 14), offset: this.offset() });
    else if (Math.hypot(place.lon - west, place.lat - south) < 2) this.fit([[west, south], [east, north], [place.lon, place.lat]]); // show how far out
  }

  /** `lines` is a list of {role: "trip" | "approach" | "walk", lonlat}. */
  setLines(lines) {
    this.lines = collection(lines.filter((l) => l.lonlat.length > 1).map((l) => feature(line(l.lonlat), { role: l.role })));
    setData(this.map, "lines", this.lines);
  }

  setCar(car) {
    this.car = car;
    if (car) this.motion.report("car", car.lon, car.lat, car.heading_deg);
    else this.motion.drop("car");
    this.map.triggerRepaint();
  }

  /** Show all of these positions, beside or above the card. */
  fit(positions) {
    const lons = positions.map(([lon]) => lon), lats = positions.map(([, lat]) => lat);
    const phone = matchMedia("(max-width: 760px)").matches;
    const padding = phone ? { top: 60, bottom: this.map.getContainer().clientHeight * 0.52, left: 36, right: 36 } : { top: 70, bottom: 70, left: 460, right: 70 };
    this.map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { padding, maxZoom: 16.5, duration: 700 });
  }

  offset() {
    return matchMedia("(max-width: 760px)").matches ? [0, -this.map.getContainer().clientHeight * 0.24] : [190, 0];
  }
}
