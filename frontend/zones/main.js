import "../shared/base.css";
import "../console/console.css";
import "./zones.css";
import { get } from "../shared/api.js";
import { $, page, setText } from "../shared/dom.js";
import { createMap, setData } from "../shared/map.js";
import { startSheet } from "../shared/sheet.js";
import { startTheme } from "../shared/theme.js";
import { toast } from "../shared/toast.js";
import { addZones, zoneData } from "../shared/zone-layers.js";
import { startKeys } from "../console/keys.js";
import { startLine } from "../console/line.js";
import { Store } from "../console/store.js";
import { Draw } from "./draw.js";
import { ZoneForm } from "./form.js";
import { Lists } from "./lists.js";
import { publish, ZonePanel } from "./panel.js";

const config = page();
const store = new Store();
startTheme();
const sheet = startSheet();
let form = null;
let draw = null;
const map = createMap($("#map"), config.map, (ready, theme) => {
  addZones(ready, theme, zoneData(store.state.zones), { drafts: true });
  draw?.decorate();
  mark();
});
draw = new Draw(map, () => form?.drawn());
const mayDirect = config.may_direct;

function edit(id, zone, replaces = null) {
  store.select();
  $("#browser").hidden = true;
  $("#editor").hidden = false;
  sheet.set("half");
  draw.start(zone ? zone.geometry.coordinates.map((ring) => ring.slice(0, -1)) : [[]]);
  form = new ZoneForm({ box: $("#editor"), draw, zone, id, replaces, onSaved: saved, onCancel: close });
}

function close() {
  form = null;
  draw.stop();
  $("#editor").hidden = true;
  $("#browser").hidden = false;
}

function saved(zone) {
  close();
  store.state.zones[zone.id] ??= zone; // the event with the same row is on its way
  store.emit("state", { zones: new Set([zone.id]) });
  store.select("zone", zone.id);
  toast("Draft saved. It has no effect until it is published.");
}

function reveal(id) {
  const ring = store.state.zones[id]?.geometry.coordinates[0];
  if (!ring) return;
  const lons = ring.map(([lon]) => lon), lats = ring.map(([, lat]) => lat);
  map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { padding: covered(), maxZoom: 16, duration: 600 });
}

/** The panel covers the right of the map, on a phone its lower half. */
function covered() {
  const phone = matchMedia("(max-width: 760px)").matches;
  return phone ? { top: 40, left: 30, right: 30, bottom: map.getContainer().clientHeight * 0.6 } : { top: 80, left: 80, right: 440, bottom: 80 };
}

function mark() {
  if (!map.getSource("zones")) return;
  map.removeFeatureState({ source: "zones" });
  if (store.selection) map.setFeatureState({ source: "zones", id: store.selection.id }, { selected: true });
}

async function showVersion() {
  const [now] = await get("/api/odd/versions");
  setText($("#version"), now ? `Version ${now.number} in force${now.note ? `: ${now.note}` : ""}` : "Nothing published yet");
}

new Lists(store, { mayDirect, onSelect: (id) => { store.select("zone", id); reveal(id); sheet.set("peek"); }, onPublish: (ids) => publish(ids, store.state.zones) });
new ZonePanel(store, { mayDirect, onEdit: (id, zone) => edit(id, zone), onReplace: (id, zone) => edit(null, zone, id) });
startLine(store);
startKeys(store, { sheet });
$("#search").addEventListener("input", (event) => store.setFilter({ text: event.target.value.trim().toLowerCase() }));
$("#new-zone")?.addEventListener("click", () => edit(null, null));
addEventListener("keydown", (event) => event.key === "Escape" && form && !document.querySelector("dialog[open]") && close());
map.on("click", (event) => {
  if (draw.on) return;
  const [top] = map.queryRenderedFeatures(event.point, { layers: ["zone-fill"] });
  store.select(top ? "zone" : null, top?.properties.id);
});
store.on("selection", mark);
store.on("state", (touched) => {
  if (!touched.all && !touched.zones) return;
  setData(map, "zones", zoneData(store.state.zones).zones);
  setData(map, "outside", zoneData(store.state.zones).outside);
  mark();
  showVersion().catch(() => {});
});
window.hansom = { state: store.state, store, map, draw };

(async function start() {
  try {
    await store.start(config.ws_url);
    const id = new URLSearchParams(location.search).get("zone");
    if (id) { store.select("zone", id); reveal(id); }
  } catch (problem) {
    toast(`The zones could not be read: ${problem.message}`, "bad");
    setTimeout(start, 3000);
  }
})();
