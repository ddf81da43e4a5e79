import { h, setText } from "../shared/dom.js";

/** "label: value" lines. Returns {element, set(name, text)}. */
export function facts(names) {
  const values = {};
  const rows = Object.entries(names).map(([name, label]) => {
    values[name] = h("dd", { class: "num" }, "–");
    return h("div", {}, h("dt", {}, label), values[name]);
  });
  return {
    element: h("dl", { class: "facts" }, rows),
    set: (name, text, kind = "") => {
      setText(values[name], text);
      values[name].dataset.kind = kind;
    },
  };
}
