import "../shared/base.css";
import "./console.css";
import { $, page } from "../shared/dom.js";
import { startSheet } from "../shared/sheet.js";
import { startTheme } from "../shared/theme.js";
import { startCounters } from "./counters.js";
import { startFilters } from "./filters.js";
import { startKeys } from "./keys.js";
import { startLine } from "./line.js";
import { List } from "./list.js";
import { MapView } from "./map-view.js";
import { Panel } from "./panel.js";
import { Store } from "./store.js";

const RETRY_MS = 3000;
const config = page();
const store = new Store();
startTheme();
const sheet = startSheet();
const view = new MapView($("#map"), store, config.map);
const panel = new Panel(store, view, config);
startCounters(store);
startFilters(store);
startLine(store);
startKeys(store, { sheet });
const list = new List(store, {
  onOpen: ({ keyboard } = {}) => {
    view.reveal();
    sheet.set("peek");
    if (keyboard) panel.focus();
  },
});
// For people with a debugger and for the browser tests.
window.hansom = { state: store.state, store, view };

function selectFromAddress() {
  for (const [type, id] of new URLSearchParams(location.search)) if (type === "vehicle" || type === "ride") store.select(type, id);
  if (store.selection) view.reveal();
}

async function start() {
  try {
    await store.start(config.ws_url);
    selectFromAddress();
  } catch (problem) {
    const notice = $("#notice");
    notice.hidden = false;
    notice.textContent = `The fleet's state could not be read: ${problem.message} Trying again…`;
    setTimeout(start, RETRY_MS);
  }
  list.render();
}

if (!config.map.bounds) {
  $("#notice").hidden = false;
  $("#notice").textContent = "No city has been imported yet: manage.py import_city EXTRACT --activate.";
}
start();
