import { svg } from "./dom.js";
import { GROUPS } from "./states.js";

// Outlines in a box from -1 to 1, as SVG paths: drawn into the map's texture and into the page, so that both are one.
export const SHAPES = {
  circle: { body: "M0-.8A.8.8 0 1 1 0 .8A.8.8 0 1 1 0-.8Z" },
  diamond: { body: "M0-1L.95 0L0 1L-.95 0Z" },
  square: { body: "M-.62-.78H.62A.16.16 0 0 1 .78-.62V.62A.16.16 0 0 1 .62.78H-.62A.16.16 0 0 1-.78.62V-.62A.16.16 0 0 1-.62-.78Z" },
  arrow: { body: "M0-1.05L.85.85L0 .48L-.85.85Z", turns: true },
  pause: { body: "M-.48-.9H.48L.95 0L.48.9H-.48L-.95 0Z", mark: "M-.36-.42H-.1V.42H-.36ZM.1-.42H.36V.42H.1Z" },
  alert: { body: "M0-1.02L1 .78H-1Z", mark: "M-.12-.42H.12L.08.22H-.08ZM-.12.36H.12V.6H-.12Z" },
  ring: { body: "M0-.6A.6.6 0 1 1 0 .6A.6.6 0 1 1 0-.6Z", mark: "M0-.32A.32.32 0 1 1 0 .32A.32.32 0 1 1 0-.32Z" },
};
export const SHAPE_NAMES = Object.keys(SHAPES);

/** The icon of a group, for lists and legends. */
export function icon(group, { size = 18, stale = false } = {}) {
  const { color, shape } = GROUPS[group];
  const { body, mark } = SHAPES[shape];
  const fill = stale ? "var(--stale)" : color;
  const parts = [svg("path", { d: body, fill, stroke: "var(--icon-edge)", "stroke-width": ".16", "stroke-linejoin": "round" })];
  if (mark) parts.push(svg("path", { d: mark, fill: "var(--icon-mark)" }));
  return svg("svg", { class: "car-icon", viewBox: "-1.25 -1.25 2.5 2.5", width: size, height: size, "aria-hidden": "true" }, ...parts);
}
