import "../shared/base.css";
import "./releases.css";
import { get } from "../shared/api.js";
import { $, h } from "../shared/dom.js";
import { startTheme } from "../shared/theme.js";
import { learningCurve } from "./curves.js";
import { million } from "./figures.js";
import { inference } from "./inference.js";
import { scenarioMatrix } from "./scenarios.js";
import { comparison } from "./table.js";

const box = $("#releases");
startTheme();
load();

async function load() {
  try {
    show(await get("/api/console/releases"));
  } catch (problem) {
    if (problem.status === 401) return location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    box.replaceChildren(h("div", { class: "banner bad row wrap", role: "alert" }, h("span", { class: "spring" }, `The releases could not be read: ${problem.message}`), h("button", { type: "button", class: "button", onclick: load }, "Try again")));
  }
  window.hansom = { releasesShown: true };
}

function show({ releases, unreadable, cars }) {
  const charts = [learningCurve(releases, "val_ade_m", "Distance from the teacher's way on drives never learned from, m"), learningCurve(releases, "val_cause_accuracy", "Right cause on drives never learned from", { percent: true }), learningCurve(releases, "route_completion", "Routes completed while learning", { percent: true })].filter(Boolean);
  box.replaceChildren(...[
    ...unreadable.map(({ name, detail }) => h("p", { class: "banner bad", role: "alert" }, h("b", {}, name), ` can't be read: ${detail}.`)),
    releases.length ? h("div", { class: "cards" }, releases.map((release) => card(release, cars[release.name] ?? 0))) : empty(cars),
    driving(releases),
    part("Language", "The same picture with another instruction must give the ordered other action; what is unsafe must be refused.", comparison("Language", "language", columns(releases, "language"))),
    part("Limits", "Fog, night beyond the domain, unknown objects, lost cameras: a safe stop or a question, never on.", comparison("Limits", "limits", columns(releases, "limits"))),
    part("Scenarios", null, scenarioMatrix(releases)),
    part("Vehicle platforms", "One driver for all; the platform is one of its inputs.", platforms(releases)),
    part("Speed", null, ...releases.map(inference)),
    part("Learning", "Minutes of training on the machine named above.", charts.length ? h("div", { class: "charts" }, charts.map(({ element }) => element)) : null),
  ].filter(Boolean));
  for (const { draw } of charts) draw();
}

function empty(cars) {
  const rules = cars.rules ?? 0;
  return h("div", { class: "empty big-empty" }, h("strong", {}, "No release is installed"),
    rules ? `${rules} ${rules === 1 ? "car drives" : "cars drive"} by rules. ` : "", h("code", {}, "python -m autonomy train"), " makes one.");
}

function card(release, cars) {
  const learned = [release.train_minutes !== null && `${Math.round(release.train_minutes)} min`, release.train_frames !== null && `${million(release.train_frames)} frames`, release.train_device].filter(Boolean).join(", ");
  const tested = [release.routes !== null && `${release.routes} routes`, release.km !== null && `${release.km.toFixed(release.km < 100 ? 1 : 0)} km`, release.maps.length > 0 && release.maps.join(", ")].filter(Boolean).join(", ");
  const row = (label, text) => text && h("div", {}, h("dt", {}, label), h("dd", { class: "num" }, text));
  return h("article", { class: "card-release" },
    h("header", {}, h("h2", {}, release.name), h("span", { class: `tag ${cars ? "in-use" : ""}` }, cars ? `drives ${cars} ${cars === 1 ? "car" : "cars"}` : "drives no car")),
    release.about && h("p", { class: "muted" }, release.about),
    h("dl", { class: "facts-list" }, row("Parameters", million(release.parameters)), row("Learned in", learned), row("Tested on", tested),
      row("Made", release.created_at && new Date(release.created_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })),
      row("Asks for help above", release.uncertainty_limit !== null && `${Math.round(release.uncertainty_limit * 100)} % uncertainty`)),
    release.problems.length > 0 && h("details", { class: "banner warn" }, h("summary", {}, `${release.problems.length} ${release.problems.length === 1 ? "entry" : "entries"} of the manifest make no sense and are left out`), h("ul", {}, release.problems.slice(0, 20).map((text) => h("li", {}, text)))));
}

const columns = (releases, field) => releases.filter((release) => Object.keys(release[field]).length).map((release) => ({ name: release.name, figures: release[field] }));

function driving(releases) {
  const taught = releases.find(({ teacher }) => Object.keys(teacher).length);
  const teacher = taught ? [{ name: "teacher", figures: taught.teacher, teacher: true }] : [];
  const table = (field) => comparison("Driving", "driving", [...columns(releases, field), ...teacher]);
  const holder = h("div", {}, table("with_safety") ?? table("without_safety"));
  if (!holder.childElementCount) return releases.length ? part("Driving", null, h("p", { class: "empty" }, "No drive of any release has been scored.")) : null;
  const both = columns(releases, "with_safety").length > 0 && columns(releases, "without_safety").length > 0;
  const choices = [["with_safety", "With the safety layer"], ["without_safety", "Driver alone"]].map(([field, text], i) => h("button", {
    type: "button", class: "chip", "aria-pressed": String(i === 0), onclick: (event) => {
      for (const one of choices) one.setAttribute("aria-pressed", String(one === event.currentTarget));
      holder.replaceChildren(table(field));
    },
  }, text));
  return part("Driving", "Closed loop on held-out roads. The teacher knows what the simulator knows; it is the ceiling, not a rival.", both && h("div", { class: "chips", role: "group", "aria-label": "Safety layer" }, choices), holder);
}

function platforms(releases) {
  const tables = releases.filter((release) => release.platforms.length).map((release) => comparison(release.name, "driving", release.platforms.map(({ name, figures }) => ({ name, figures }))));
  return tables.length ? h("div", { class: "stack" }, tables) : null;
}

/** A titled part of the page; null when it has nothing to show. */
function part(title, text, ...content) {
  const shown = content.filter(Boolean);
  return shown.length ? h("section", { class: "part" }, h("h2", {}, title), text && h("p", { class: "muted part-text" }, text), shown) : null;
}
