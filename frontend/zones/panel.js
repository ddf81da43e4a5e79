import { post, remove } from "../shared/api.js";
import { $, h } from "../shared/dom.js";
import { confirmAction } from "../shared/dialog.js";
import { toast } from "../shared/toast.js";
import { KINDS } from "../shared/zone-layers.js";
import { facts } from "../console/facts.js";
import { history } from "../console/history.js";
import { impactText } from "./impact.js";

/** One zone: what it says, what it touches now, what was written about it, and its next step. */
export class ZonePanel {
  constructor(store, { mayDirect, onEdit, onReplace }) {
    Object.assign(this, { store, mayDirect, onEdit, onReplace });
    this.box = $("#panel");
    store.on("selection", () => this.open());
    store.on("state", (touched) => (touched.all || touched.zones?.has(store.selection?.id)) && this.open());
  }

  open() {
    const id = this.store.selection?.id;
    const zone = this.store.state.zones[id];
    this.box.hidden = !zone;
    document.body.classList.toggle("has-panel", Boolean(zone));
    if (!zone) return this.box.replaceChildren();
    const list = facts({ kind: "Kind", state: "State", by: "Drawn by", version: "Version", hours: "Hours", speed: "Highest speed" });
    list.set("kind", KINDS[zone.kind].label);
    list.set("state", zone.state === "draft" ? `draft, edit ${zone.revision}` : "in force");
    list.set("by", zone.created_by.split(":")[0]);
    list.set("version", zone.published_in ? `since ${zone.published_in}` : "none yet");
    list.set("hours", zone.params.hours ? zone.params.hours.windows.map((w) => `${w.days.join(" ")} ${w.from}–${w.to}`).join(", ") : "always");
    list.set("speed", zone.params.max_speed_mps ? `${Math.round(zone.params.max_speed_mps * 3.6)} km/h` : "–");
    this.impact = h("p", { class: "small", "aria-live": "polite" }, "Looking…");
    this.box.replaceChildren(
      h("button", { type: "button", class: "button plain icon-button panel-close", "aria-label": "Close the details (Escape)", onclick: () => this.store.select() }, "✕"),
      h("article", { class: "panel-body" },
        h("header", { class: "panel-head" }, h("i", { class: `swatch big ${zone.kind}`, style: { "--zone": KINDS[zone.kind].color } }), h("div", {}, h("h2", {}, zone.name), h("p", { class: "muted" }, KINDS[zone.kind].hint))),
        this.mayDirect && this.actions(id, zone), list.element,
        zone.params.note && h("p", { class: "banner" }, zone.params.note),
        h("section", { class: "panel-part" }, h("h3", {}, "Inside it now"), this.impact),
        history("zone", id).element));
    this.measure(zone);
  }

  actions(id, zone) {
    const button = (text, onclick, kind = "") => h("button", { type: "button", class: `button ${kind}`, onclick }, text);
    const steps = zone.state === "draft"
      ? [button("Publish…", () => publish([id], this.store.state.zones), "primary"), button("Edit", () => this.onEdit(id, zone)), button("Discard…", () => this.discard(id, zone), "danger")]
      : [button("Change…", () => this.onReplace(id, zone)), button("Retire…", () => this.retire(id, zone), "danger")];
    return h("div", { class: "row wrap actions", role: "group", "aria-label": "Steps" }, steps);
  }

  async measure(zone) {
    try {
      this.impact.textContent = impactText(await post("/api/zones/impact", { geometry: zone.geometry }));
    } catch (problem) {
      this.impact.textContent = problem.message;
    }
  }

  async discard(id, zone) {
    const done = await confirmAction({ title: `Discard ${zone.name}?`, text: "The draft is deleted. It never had any effect; its history stays in the ledger.", verb: "Discard", danger: true, work: () => remove(`/api/zones/${id}`) });
    if (done) toast("Draft discarded");
  }

  async retire(id, zone) {
    const text = zone.kind === "service_area" ? "Where no other service area covers it, no car may drive from this moment on, and no new ride is taken." : "From this moment on it no longer applies to new quotes and routes.";
    const done = await confirmAction({ title: `Retire ${zone.name}?`, text, verb: "Retire", danger: true, reasons: ["No longer needed", "Drawn wrongly"], work: (note) => post("/api/zones/retire", { zone_ids: [id], note }) });
    if (done) toast(`Retired in version ${done.result.number}`);
  }
}

/** Ask, then publish drafts as one version. */
export async function publish(ids, zones) {
  const names = ids.map((id) => zones[id].name).join(", ");
  const parts = await Promise.all(ids.map((id) => post("/api/zones/impact", { geometry: zones[id].geometry }).then(impactText, () => "")));
  const replaced = ids.some((id) => zones[id].replaces) ? " What it replaces is retired in the same step." : "";
  const done = await confirmAction({
    title: `Publish ${ids.length > 1 ? `${ids.length} drafts` : names}?`,
    text: `It applies to every new quote and route at once. ${parts.filter(Boolean).join(" ")}${replaced}`,
    verb: "Publish", reasons: ["Road works", "Event", "Request of the city", "Planned change"], label: "Note",
    work: (note) => post("/api/zones/publish", { zone_ids: ids, note }),
  });
  if (done) toast(`Published as version ${done.result.number}`);
}
