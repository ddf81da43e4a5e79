"""Everything that is painted on the ground of a map, as strokes in the order of painting."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.curves import lengths_along, offset_line
from autonomy.sim.render.paint import STROKE
from autonomy.sim.roads import FLAG_BRIDGE, RoadMap
from autonomy.sim.roadside import CROSSING_WIDTH_M, PAVEMENT_M, TURN_DISC_M, Crossing, Mark, Roadside

F8 = NDArray[np.float64]
PAVEMENT = (158.0, 152.0, 144.0)
KERB = (190.0, 188.0, 182.0)
ASPHALT = (74.0, 75.0, 79.0)
PAINT = (226.0, 226.0, 222.0)
BAR_M = 0.5


def _segments(line: F8, half_width: float, colour: tuple[float, float, float], grain: float, ends: float) -> F8:
    """f8[k, STROKE]: one stroke for each piece of a polyline."""
    steps = np.diff(line, axis=0)
    size = np.hypot(steps[:, 0], steps[:, 1])
    keep = size > 1e-6
    middle, steps, size = (line[1:] + line[:-1])[keep] / 2, steps[keep], size[keep]
    rows = np.empty((len(size), STROKE))
    rows[:, 0:2] = middle
    rows[:, 2:4] = steps / size[:, None]
    rows[:, 4], rows[:, 5] = size / 2, half_width
    rows[:, 6:9] = colour
    rows[:, 9], rows[:, 10] = grain, ends
    return rows


def _beds(side: Roadside, edge: int, wider: float, colour: tuple[float, float, float], grain: float) -> list[F8]:
    """The road's whole width as strokes with round ends, so that pieces join without gaps."""
    right, left = float(side.right_m[edge]), float(side.left_m[edge])
    line = offset_line(side.road_map.geometry(edge), (right - left) / 2 * side.road_map.side)
    beds = [_segments(line, (right + left) / 2 + wider, colour, grain, 1.0)]
    road_map = side.road_map
    node = int(road_map.edge_to[edge])
    if road_map.edge_reverse[edge] >= 0 and _is_dead_end(road_map, node):
        x, y = road_map.geometry(edge)[-1]
        beds.append(np.array([[x, y, 1.0, 0.0, 0.01, TURN_DISC_M + wider, *colour, grain, 1.0]]))
    return beds


def _is_dead_end(road_map: RoadMap, node: int) -> bool:
    return int(((road_map.edge_from == node) | (road_map.edge_to == node)).sum()) <= 2


def dashes(mark: Mark) -> F8:
    """f8[k, STROKE] of one painted line; solid or in dashes that follow the line's bends."""
    if mark.dash_m <= 0:
        return _segments(mark.line, mark.width_m / 2, PAINT, 0.3, 0.0)
    along = lengths_along(mark.line)
    starts = np.arange(0.0, along[-1] - mark.dash_m, mark.dash_m + mark.gap_m)
    if len(starts) == 0:
        return np.zeros((0, STROKE))
    ends = np.stack([starts, starts + mark.dash_m], axis=1)
    x, y = np.interp(ends, along, mark.line[:, 0]), np.interp(ends, along, mark.line[:, 1])
    return np.concatenate(
        [_segments(np.column_stack([x[k], y[k]]), mark.width_m / 2, PAINT, 0.3, 0.0) for k in range(len(starts))]
    )


def zebra(crossing: Crossing) -> F8:
    """f8[k, STROKE]: bars along the road, half a metre wide and half a metre apart."""
    c, s = np.cos(crossing.heading_rad), np.sin(crossing.heading_rad)
    at = np.arange(-crossing.right_m + 0.5, crossing.left_m - 0.2, 2 * BAR_M)
    rows = np.empty((len(at), STROKE))
    rows[:, 0], rows[:, 1] = crossing.x + at * c, crossing.y + at * s
    rows[:, 2], rows[:, 3] = -s, c
    rows[:, 4], rows[:, 5] = CROSSING_WIDTH_M / 2, BAR_M / 2
    rows[:, 6:9] = PAINT
    rows[:, 9], rows[:, 10] = 0.3, 0.0
    return rows


def strokes_of(side: Roadside) -> F8:
    """f8[S, STROKE]: pavements first, then kerbs, road surface, lines, stop lines and crossings."""
    road_map = side.road_map
    once = [e for e in range(road_map.edge_count) if road_map.edge_reverse[e] < 0 or e < road_map.edge_reverse[e]]
    rows: list[F8] = []
    for edge in once:
        if int(road_map.edge_class[edge]) > 1 or road_map.edge_flags[edge] & FLAG_BRIDGE:
            rows += _beds(side, edge, PAVEMENT_M, PAVEMENT, 0.5)
    for edge in once:
        rows += _beds(side, edge, 0.2, KERB, 0.2)
    for edge in once:
        rows += _beds(side, edge, 0.0, ASPHALT, 0.28)
    rows += [dashes(mark) for mark in side.marks]
    for _, line in side.stop_lines:
        rows.append(_segments(line, 0.25, PAINT, 0.3, 0.0))
    rows += [zebra(crossing) for crossing in side.crossings]
    return np.concatenate(rows) if rows else np.zeros((0, STROKE))
