/** How the drawing from above lies on its canvas: the car near the lower edge, driving upwards. Pure. */
export function frameOf({ plan = [], alternatives = [], front_m = 4 }, width, height) {
  const reach = (points) => points.reduce((far, [ahead]) => Math.max(far, ahead), 0);
  const farthest = Math.max(reach(plan), ...alternatives.map(({ points }) => reach(points)), front_m);
  const ahead = Math.min(120, Math.max(22, Math.ceil((farthest + 10) / 4) * 4)); // by fours: it must not breathe with every picture
  const behind = 7;
  const scale = height / (ahead + behind);
  return {
    scale, ahead, behind, across: width / scale / 2,
    at: (m, left) => [width / 2 - left * scale, height - (m + behind) * scale],
  };
}

/** Distances at which a ring is drawn and labelled: about four of them, round ones. */
export function rings(ahead) {
  const step = ahead <= 30 ? 5 : ahead <= 60 ? 10 : 20;
  return Array.from({ length: Math.floor(ahead / step) }, (_, i) => (i + 1) * step);
}
