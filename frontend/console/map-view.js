import { CarsLayer, Motion } from "../shared/cars-layer.js";
import { collection, createMap, feature, line, point, setData } from "../shared/map.js";
import { FONT, inkOf, paperOf } from "../shared/map-style.js";
import { GROUPS, UNMATCHED, WAITING } from "../shared/states.js";
import { addZones, zoneData } from "../shared/zone-layers.js";
import { age } from "../shared/format.js";

const REACH_PX = 22;

/** The map with cars, zones, open rides and the selected route. */
export class MapView {
  constructor(container, store, config) {
    this.store = store;
    this.motion = new Motion();
    this.route = collection([]);
    this.map = createMap(container, config, (map, theme) => this.decorate(map, theme));
    this.map.on("click", (event) => this.pick(event.point));
    this.map.on("mousemove", (event) => {
      this.map.getCanvas().style.cursor = this.nearest(event.point) ? "pointer" : "";
    });
    store.on("positions", ({ cars }) => this.reported(cars));
    store.on("state", (touched) => this.changed(touched));
    store.on("selection", () => this.refresh());
    store.on("filter", () => this.refresh());
    setInterval(() => this.tick(), 1000);
  }

  decorate(map, theme) {
    const ink = inkOf(theme), paper = paperOf(theme);
    addZones(map, theme, zoneData(this.store.state.zones));
    map.addSource("route", { type: "geojson", data: this.route });
    map.addLayer({ id: "route-casing", type: "line", source: "route", layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": paper, "line-width": 8, "line-opacity": 0.9 } });
    map.addLayer({ id: "route", type: "line", source: "route", layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": ["match", ["get", "part"], "done", "#8b95a1", "now", "#0b6bcb", "#6a9fd8"], "line-width": ["match", ["get", "part"], "now", 4.5, 3.5] } });
    map.addSource("rides", { type: "geojson", data: this.rides() });
    map.addLayer({
      id: "ride-link", type: "line", source: "rides", filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": ink, "line-width": 1.5, "line-dasharray": [2, 2], "line-opacity": 0.55 },
    });
    map.addLayer({
      id: "ride-ends", type: "circle", source: "rides", filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": ["case", ["get", "selected"], 9, ["get", "unmatched"], 8, 3],
        "circle-color": ["match", ["get", "end"], "pickup", paper, ink],
        "circle-stroke-color": ["case", ["get", "unmatched"], "#d55e00", ink],
        "circle-stroke-width": ["case", ["get", "selected"], 2.5, ["get", "unmatched"], 2.5, 1.4],
        "circle-opacity": ["case", ["get", "marked"], 1, 0.55],
        "circle-stroke-opacity": ["case", ["get", "marked"], 1, 0.55],
      },
    });
    map.addLayer({
      id: "ride-letters", type: "symbol", source: "rides", filter: ["all", ["==", ["geometry-type"], "Point"], ["any", ["get", "selected"], ["get", "unmatched"]]],
      layout: { "text-field": ["match", ["get", "end"], "pickup", "P", "D"], "text-font": FONT, "text-size": 10, "text-allow-overlap": true },
      paint: { "text-color": ["match", ["get", "end"], "pickup", ink, paper] },
    });
    map.addLayer(new CarsLayer({ look: (id) => this.look(id), edge: paper, ink }).carry(this.motion));
    map.addSource("silent", { type: "geojson", data: this.silent() });
    map.addLayer({
      id: "silent", type: "symbol", source: "silent",
      layout: { "text-field": ["get", "text"], "text-font": FONT, "text-size": 11, "text-offset": [0, 1.5], "text-anchor": "top", "text-optional": true },
      paint: { "text-color": ink, "text-halo-color": paper, "text-halo-width": 1.6 },
    });
  }

  look(id) {
    const { store } = this;
    if (!store.state.vehicles[id]) return null;
    const group = store.group(id);
    const selected = this.chosenCar() === id;
    const stale = store.stale(id);
    if (group === "off" && stale && !selected && !store.filter.groups.has("off")) return null;
    const { color, shape, rank } = GROUPS[group];
    const zoom = this.map.getZoom();
    return {
      color: stale ? "#98a2ad" : color, shape, rank: selected ? 9 : rank, selected, stale,
      faded: !selected && !store.matches(id),
      size: (group === "off" ? 15 : shape === "arrow" ? 24 : 22) * (zoom < 12 ? 0.6 : zoom < 13.2 ? 0.78 : 1) * (selected ? 1.25 : 1),
    };
  }

  chosenCar() {
    const { selection, state } = this.store;
    return selection?.type === "ride" ? state.rides[selection.id]?.vehicle_id : selection?.id;
  }

  reported(cars = []) {
    for (const [id, , , , , ,] of cars) {
      const at = this.store.state.positions[id];
      this.motion.report(id, at.lon, at.lat, at.heading);
    }
    this.map.triggerRepaint();
    if (this.following) this.follow();
  }

  changed(touched) {
    if (touched.all) for (const id of this.motion.cars.keys()) if (!this.store.state.vehicles[id]) this.motion.drop(id);
    if (touched.all || touched.zones) {
      const data = zoneData(this.store.state.zones);
      setData(this.map, "zones", data.zones);
      setData(this.map, "outside", data.outside);
    }
    if (touched.all || touched.rides || touched.vehicles) this.refresh();
  }

  refresh() {
    setData(this.map, "rides", this.rides());
    this.map.triggerRepaint();
  }

  tick() {
    setData(this.map, "silent", this.silent());
    if (document.visibilityState === "visible") this.map.triggerRepaint(); // cars grow stale without a word from anybody
  }

  silent() {
    const { store } = this;
    const shown = Object.entries(store.state.positions).filter(([id]) => store.stale(id) && this.look(id) && !this.look(id).faded);
    return collection(shown.map(([id, at]) => feature(point(at.lon, at.lat), { text: `${store.state.vehicles[id].plate} · silent ${age(store.silence(id))}` })));
  }

  rides() {
    const { state, selection, filter } = this.store;
    const features = [];
    for (const [id, ride] of Object.entries(state.rides)) {
      const selected = selection?.id === id || (selection?.type === "vehicle" && ride.vehicle_id === selection.id);
      if (!selected && filter.text && !this.store.rideMatches(id)) continue;
      const unmatched = UNMATCHED.has(ride.state);
      const marks = { id, selected, unmatched, marked: selected || unmatched };
      const { pickup, dropoff } = ride;
      if (WAITING.has(ride.state) || selected) features.push(feature(point(pickup.lon, pickup.lat), { ...marks, end: "pickup" }));
      if (!WAITING.has(ride.state) || selected) features.push(feature(point(dropoff.lon, dropoff.lat), { ...marks, unmatched: false, marked: selected, end: "dropoff" }));
      if (selected && !ride.vehicle_id) features.push(feature(line([[pickup.lon, pickup.lat], [dropoff.lon, dropoff.lat]]), marks));
    }
    return collection(features);
  }

  /** Draw the legs of a mission, or nothing. */
  showRoute(mission) {
    const parts = (mission?.legs ?? []).filter((leg) => leg.lonlat.length > 1).map((leg) => {
      const i = leg.stop_index;
      const part = i < mission.stop_index || (i === mission.stop_index && mission.at_stop) ? "done" : i === mission.stop_index ? "now" : "later";
      return feature(line(leg.lonlat), { part });
    });
    this.route = collection(parts.reverse());
    setData(this.map, "route", this.route);
  }

  nearest(at) {
    let best = null, reach = REACH_PX;
    for (const id of this.motion.cars.keys()) {
      if (!this.look(id)) continue;
      const p = this.map.project(this.motion.lngLat(id));
      const d = Math.hypot(p.x - at.x, p.y - at.y);
      if (d < reach) [best, reach] = [{ type: "vehicle", id }, d];
    }
    if (best || !this.map.getLayer("ride-ends")) return best;
    const [ride] = this.map.queryRenderedFeatures([[at.x - 8, at.y - 8], [at.x + 8, at.y + 8]], { layers: ["ride-ends"] });
    return ride ? { type: "ride", id: ride.properties.id } : null;
  }

  pick(at) {
    const found = this.nearest(at);
    this.store.select(found?.type, found?.id);
  }

  /** Move the map so that the selected thing is seen. */
  reveal() {
    const { selection, state } = this.store;
    const car = state.positions[this.chosenCar()];
    const ride = selection?.type === "ride" ? state.rides[selection.id] : null;
    const target = car ?? ride?.pickup;
    if (target) this.map.easeTo({ center: [target.lon, target.lat], zoom: Math.max(this.map.getZoom(), 15), offset: this.offset(), duration: 600 });
  }

  /** Where the middle of the free part of the map lies: the panel covers the right, on a phone the lower half. */
  offset() {
    const panel = document.getElementById("panel");
    if (!panel || panel.hidden) return [0, 0];
    const phone = matchMedia("(max-width: 760px)").matches;
    return phone ? [0, -panel.clientHeight / 2] : [-panel.clientWidth / 2, 0];
  }

  setFollow(on) {
    this.following = on;
    if (on) this.follow();
  }

  follow() {
    const at = this.store.state.positions[this.chosenCar()];
    if (at) this.map.easeTo({ center: [at.lon, at.lat], offset: this.offset(), duration: 600, easing: (t) => t });
  }
}
