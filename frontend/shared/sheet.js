import { $ } from "./dom.js";

const STEPS = ["peek", "half", "full"];

/** On a phone the side is a sheet from below: tap or drag the grip, or use the arrows on it. */
export function startSheet(side = $("#side"), grip = $("#grip")) {
  const set = (step) => {
    side.dataset.sheet = step;
    grip.setAttribute("aria-expanded", String(step !== "peek"));
  };
  const move = (by) => set(STEPS[Math.min(2, Math.max(0, STEPS.indexOf(side.dataset.sheet) + by))]);
  let from = null;
  grip.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointerup", (event) => {
    const drag = event.clientY - (from ?? event.clientY);
    from = null;
    if (Math.abs(drag) < 8) set(side.dataset.sheet === "peek" ? "half" : side.dataset.sheet === "half" ? "full" : "peek");
    else move(drag < 0 ? 1 : -1);
  });
  grip.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp") move(1);
    else if (event.key === "ArrowDown") move(-1);
    else if (event.key === "Enter" || event.key === " ") move(side.dataset.sheet === "full" ? -2 : 1);
    else return;
    event.preventDefault();
  });
  return { set };
}
