import { SHAPES, SHAPE_NAMES } from "./shapes.js";

export const CELL = 64;

/** One row of cells, a shape each, as masks: red the body, green its border, blue the mark inside. */
export function drawAtlas() {
  const canvas = new OffscreenCanvas(CELL * SHAPE_NAMES.length, CELL);
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, canvas.width, canvas.height); // opaque black, so that soft edges stay soft in the texture
  context.globalCompositeOperation = "lighter";
  SHAPE_NAMES.forEach((name, index) => {
    context.setTransform(CELL / 2.7, 0, 0, CELL / 2.7, CELL * (index + 0.5), CELL / 2);
    const { body, mark } = SHAPES[name];
    context.lineJoin = "round";
    context.lineWidth = 0.36;
    context.strokeStyle = "#00ff00";
    context.stroke(new Path2D(body));
    context.fillStyle = "#ff0000";
    context.fill(new Path2D(body));
    context.fillStyle = "#0000ff";
    if (mark) context.fill(new Path2D(mark));
  });
  return canvas;
}
