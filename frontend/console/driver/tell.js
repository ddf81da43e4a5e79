import { newKey, post } from "../../shared/api.js";
import { h, setText } from "../../shared/dom.js";
import { toast } from "../../shared/toast.js";
import { toldOutcome } from "../order.js";

const USUAL = ["wait", "go on", "pull over past the crossing", "pass the truck on the left", "take the next right instead"];

/** Words to the driver. What it makes of them comes with its next views: the instruction, or why it refuses. */
export class TellDriver {
  constructor(store, id) {
    Object.assign(this, { store, id });
    this.outcome = h("p", { class: "muted small", role: "status" });
    this.field = h("input", { type: "text", id: "tell-driver", maxlength: 200, autocomplete: "off", placeholder: "Tell the driver, in plain English", "aria-label": "Tell the driver, in plain English", list: "usual-instructions" });
    this.send = h("button", { type: "submit", class: "button" }, "Tell");
    this.back = h("button", { type: "button", class: "button plain", hidden: true, onclick: () => this.tell("", "Taken back") }, "Take back");
    this.error = h("p", { class: "error small", role: "alert", hidden: true });
    this.element = h("form", { class: "tell", onsubmit: (event) => this.submit(event) },
      h("div", { class: "row" }, this.field, this.send, this.back), h("datalist", { id: "usual-instructions" }, USUAL.map((text) => h("option", { value: text }))), this.outcome, this.error);
  }

  show({ instruction }) {
    this.back.hidden = !instruction;
  }

  /** What became of the last words, as the ledger has it. */
  tick() {
    const { text, kind } = toldOutcome(this.store.state.vehicles[this.id]?.told, this.store.now());
    setText(this.outcome, text);
    this.outcome.hidden = !text;
    this.outcome.classList.toggle("error", kind === "bad");
  }

  submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text) this.tell(text, "Told. The driver answers with what it does next.");
    else this.field.focus();
  }

  async tell(text, done) {
    this.send.disabled = this.back.disabled = true;
    this.error.hidden = true;
    try {
      await post(`/api/vehicles/${this.id}/instruct`, { text }, newKey());
      this.field.value = "";
      toast(done);
    } catch (problem) {
      this.error.textContent = problem.message;
      this.error.hidden = false;
    }
    this.send.disabled = this.back.disabled = false;
  }
}
