import { collection, feature, line, point, setData } from "../shared/map.js";
import { middle, polygon, round } from "./ring.js";

const COLOR = "#0b6bcb";

/** Drawing one polygon: a click adds a corner, dragging moves one, dragging the middle of a side makes a new one. */
export class Draw {
  constructor(map, onChange) {
    Object.assign(this, { map, onChange, rings: [[]], on: false, held: null, fault: null });
    map.on("click", (event) => this.click(event));
    for (const [down, move, up] of [["mousedown", "mousemove", "mouseup"], ["touchstart", "touchmove", "touchend"]]) {
      map.on(down, (event) => this.grab(event));
      map.on(move, (event) => this.drag(event));
      map.on(up, () => this.drop());
    }
  }

  decorate() {
    const { map } = this;
    map.addSource("draw", { type: "geojson", data: this.data() });
    map.addLayer({ id: "draw-fill", type: "fill", source: "draw", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": COLOR, "fill-opacity": 0.15 } });
    map.addLayer({ id: "draw-line", type: "line", source: "draw", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": COLOR, "line-width": 2.5 } });
    map.addLayer({
      id: "draw-corners", type: "circle", source: "draw", filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": ["match", ["get", "role"], "corner", 6.5, "fault", 9, 4],
        "circle-color": ["match", ["get", "role"], "fault", "#d4145a", "corner", "#ffffff", COLOR],
        "circle-stroke-color": COLOR, "circle-stroke-width": 2.5, "circle-opacity": ["match", ["get", "role"], "middle", 0.55, 1],
      },
    });
  }

  start(rings) {
    this.rings = rings.length ? rings : [[]];
    this.on = true;
    this.fault = null;
    this.map.doubleClickZoom.disable();
    this.map.getCanvas().style.cursor = "crosshair";
    this.show();
  }

  stop() {
    this.on = false;
    this.rings = [[]];
    this.map.doubleClickZoom.enable();
    this.map.getCanvas().style.cursor = "";
    this.show();
  }

  get ring() {
    return this.rings[0];
  }

  set(rings) {
    this.rings = rings.length ? rings : [[]];
    this.fault = null;
    this.show();
  }

  undo() {
    this.set([this.ring.slice(0, -1), ...this.rings.slice(1)]);
    this.onChange();
  }

  data() {
    const { ring } = this;
    if (!this.on || !ring.length) return collection([]);
    const features = ring.length > 2 ? [feature(polygon(this.rings))] : [];
    features.push(feature(line(ring.length > 2 ? [...ring, ring[0]] : ring.length > 1 ? ring : [ring[0], ring[0]])));
    if (ring.length > 1 && ring.length <= 120) ring.forEach((corner, i) => features.push(feature(point(...middle(corner, ring[(i + 1) % ring.length])), { role: "middle", i })));
    ring.forEach((corner, i) => features.push(feature(point(...corner), { role: i === this.fault ? "fault" : "corner", i })));
    return collection(features);
  }

  show() {
    setData(this.map, "draw", this.data());
  }

  handle(at) {
    const box = [[at.x - 11, at.y - 11], [at.x + 11, at.y + 11]];
    const found = this.map.queryRenderedFeatures(box, { layers: ["draw-corners"] }).map((f) => f.properties);
    return found.find(({ role }) => role !== "middle") ?? found[0];
  }

  click(event) {
    if (!this.on || this.moved) return void (this.moved = false);
    if (this.handle(event.point)) return;
    this.ring.push(round(event.lngLat.toArray()));
    this.changed();
  }

  grab(event) {
    if (!this.on || event.points?.length > 1) return;
    const handle = this.handle(event.point);
    if (!handle) return;
    event.preventDefault(); // the map stays
    this.held = handle;
  }

  drag(event) {
    if (!this.held) return;
    const at = round(event.lngLat.toArray());
    if (this.held.role === "middle") {
      this.held = { role: "corner", i: this.held.i + 1 };
      this.ring.splice(this.held.i, 0, at);
    } else this.ring[this.held.i] = at;
    this.moved = true;
    this.changed();
  }

  drop() {
    if (this.held) setTimeout(() => (this.moved = false));
    this.held = null;
  }

  changed() {
    this.fault = null;
    this.show();
    this.onChange();
  }
}
