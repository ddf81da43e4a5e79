import { h, setText } from "../../shared/dom.js";
import { cameraName, inOrder } from "./words.js";

/** The chosen camera large, all of them small below; 1 to 5 choose. */
export class Cameras {
  constructor() {
    this.chosen = "front_wide";
    this.large = h("img", { class: "cam-large", alt: "", width: 128, height: 64 });
    this.label = h("span", { class: "cam-label" });
    this.size = h("span", { class: "cam-size num" });
    this.late = h("p", { class: "cam-late num", hidden: true });
    this.strip = h("div", { class: "cam-strip", role: "group", "aria-label": "Cameras" });
    this.small = new Map();
    this.element = h("div", { class: "cams" },
      h("div", { class: "cam-main" }, this.large, h("div", { class: "cam-caption" }, this.label, this.size), this.late), this.strip);
  }

  show(pictures) {
    const sorted = inOrder(pictures);
    const names = sorted.map(({ camera }) => camera);
    if (this.names !== names.join()) this.rebuild(names);
    if (!names.includes(this.chosen)) this.choose(names[0]);
    for (const { camera, jpeg } of sorted) {
      const source = `data:image/jpeg;base64,${jpeg}`;
      this.small.get(camera).firstChild.src = source;
      if (camera === this.chosen) this.large.src = source;
    }
    setText(this.size, this.large.naturalWidth ? `${this.large.naturalWidth} × ${this.large.naturalHeight}, as the driver sees it` : "");
  }

  rebuild(names) {
    this.names = names.join();
    this.small = new Map(names.map((name, i) => [name, h("button", {
      type: "button", class: "cam-small", "aria-pressed": "false", title: `${cameraName(name)} (${i + 1})`, onclick: () => this.choose(name),
    }, h("img", { alt: "", width: 128, height: 64 }), h("span", {}, cameraName(name)))]));
    this.strip.replaceChildren(...this.small.values());
    if (names.includes(this.chosen)) this.choose(this.chosen);
  }

  choose(name) {
    if (!this.small.has(name)) return;
    this.chosen = name;
    for (const [camera, button] of this.small) button.setAttribute("aria-pressed", String(camera === name));
    this.large.src = this.small.get(name).firstChild.src || this.large.src;
    this.large.alt = `Picture of the camera ${cameraName(name)}`;
    setText(this.label, cameraName(name));
  }

  /** The camera at place `n` from 1, by the keyboard. */
  chooseAt(n) {
    const name = [...this.small.keys()][n - 1];
    if (name) this.choose(name);
  }

  /** Grey and labelled once the picture is no longer of now; `text` null: it is. */
  setLate(text) {
    this.element.classList.toggle("late", Boolean(text));
    this.late.hidden = !text;
    if (text) setText(this.late, text);
  }
}
