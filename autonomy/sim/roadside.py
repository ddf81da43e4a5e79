"""What is built along the roads: kerbs, pavements, lane marks, stop lines, crossings, signal heads.

All of it follows from the road map and its junctions, so that walkers, cameras and scoring agree on it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from autonomy.sim.curves import even, lengths_along, offset_line
from autonomy.sim.junctions import Junctions
from autonomy.sim.path import kerb_allowed
from autonomy.sim.roads import LANE_WIDTH_M, RoadMap
from autonomy.sim.traffic import LINE_M

F8 = NDArray[np.float64]
KERB_STRIP_M = 3.9  # kerb-side lane's middle to the kerb where cars may stand at the kerb
VERGE_M = 2.1  # the same where they may not
LEFT_VERGE_M = 0.5
PAVEMENT_M = 3.0
CROSSING_WIDTH_M = 3.2
CROSSING_AFTER_LINE_M = 2.3  # stop line to the middle of the crossing behind it
TURN_DISC_M = 10.0
LEAST_ROAD_M = 90.0
CLEAR_M = 25.0
UNMARKED_CLASS = 7


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where people cross: the middle of the road at (x, y); `heading_rad` of the way across, from the kerb beside the
    edge's lanes to the far one; `right_m`, `left_m`: from the centre line to the kerbs on and against the driving side.
    approach: the edge whose signal holds the cars (-1: no signal, cars give way); junction: -1 in mid-block."""

    ident: int
    edge: int
    along_m: float
    x: float
    y: float
    heading_rad: float
    right_m: float
    left_m: float
    junction: int
    approach: int

    @property
    def ends(self) -> F8:
        """f8[2, 2]: the kerbs' places, that beside the edge's lanes first."""
        step = np.array([np.cos(self.heading_rad), np.sin(self.heading_rad)])
        middle = np.array([self.x, self.y])
        return np.stack([middle - step * self.right_m, middle + step * self.left_m])


@dataclass(frozen=True, slots=True)
class Mark:
    """A painted line: f8[k, 2]; dash_m 0: solid."""

    line: F8
    width_m: float
    dash_m: float = 0.0
    gap_m: float = 0.0


@dataclass(frozen=True, slots=True)
class SignalPlaces:
    """pose: f8[S, 4] as in `SignalHeads` (x, y, z of the middle, heading that it faces); approach, junction: i8[S]."""

    pose: F8
    approach: NDArray[np.int64]
    junction: NDArray[np.int64]


class Roadside:
    """Built once per map; the same map and seed give the same roadside."""

    def __init__(self, road_map: RoadMap, junctions: Junctions, *, seed: int = 0) -> None:
        self.road_map = road_map
        self.junctions = junctions
        self.seed = seed

    @cached_property
    def right_m(self) -> F8:
        """f8[E]: centre line to the kerb on the driving side."""
        allowed = np.array([kerb_allowed(self.road_map, edge) for edge in range(self.road_map.edge_count)])
        return self.road_map.lane_offset_m + np.where(allowed, KERB_STRIP_M, VERGE_M)

    @cached_property
    def left_m(self) -> F8:
        """f8[E]: centre line to the kerb on the other side."""
        twin = self.road_map.edge_reverse
        lone = np.maximum(self.road_map.edge_lanes, 1) * LANE_WIDTH_M / 2 + LEFT_VERGE_M
        return np.where(twin >= 0, self.right_m[np.maximum(twin, 0)], lone)

    @cached_property
    def head_m(self) -> F8:
        """f8[E]: how much of the edge's start lies in a junction's box."""
        length = self.road_map.edge_length_m
        boxed = self.junctions.of_node[self.road_map.edge_from] >= 0
        return np.where(boxed, np.minimum(self.junctions.box_out_m, 0.6 * length), 0.0)

    @cached_property
    def tail_m(self) -> F8:
        """f8[E]: how much of the edge's end lies in a junction's box."""
        length = self.road_map.edge_length_m
        boxed = self.junctions.of_node[self.road_map.edge_to] >= 0
        return np.where(boxed, np.minimum(self.junctions.box_in_m, 0.6 * length), 0.0)

    @cached_property
    def line_m(self) -> F8:
        """f8[E]: along the edge, where its stop line is (its length where no junction follows)."""
        boxed = self.junctions.of_node[self.road_map.edge_to] >= 0
        return np.where(boxed, self.road_map.edge_length_m - self.tail_m - LINE_M, self.road_map.edge_length_m)

    def place(self, edge: int, along_m: float, right_m: float = 0.0) -> tuple[float, float, float]:
        """x, y and the road's heading at a distance along an edge, moved to its driving side."""
        line = self.road_map.geometry(edge)
        along = lengths_along(line)
        at = along_m / max(float(self.road_map.edge_length_m[edge]), 1e-6) * along[-1]
        k = int(np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(line) - 2))
        step = line[k + 1] - line[k]
        heading = float(np.arctan2(step[1], step[0]))
        out = right_m * self.road_map.side
        x = float(np.interp(at, along, line[:, 0])) + out * np.sin(heading)
        y = float(np.interp(at, along, line[:, 1])) - out * np.cos(heading)
        return float(x), float(y), heading

    def stretch(self, edge: int, right_m: float, head_m: float, tail_m: float, spacing_m: float = 2.0) -> F8:
        """f8[k, 2]: a line beside the edge's centre line without its first and last metres; empty if none is left."""
        line = offset_line(self.road_map.geometry(edge), right_m * self.road_map.side)
        along = lengths_along(line)
        last = along[-1] - tail_m
        if last - head_m < 1.0:
            return np.zeros((0, 2))
        inside = along[(along > head_m) & (along < last)]
        at = np.unique(np.concatenate([[head_m], inside, np.arange(head_m, last, spacing_m * 4), [last]]))
        return np.column_stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])])

    def pavement(self, edge: int) -> F8:
        """f8[k, 2]: the middle of the pavement on the driving side, from box to box (empty on motorways)."""
        if int(self.road_map.edge_class[edge]) <= 1:
            return np.zeros((0, 2))
        return self.stretch(
            edge, float(self.right_m[edge]) + PAVEMENT_M / 2, float(self.head_m[edge]), float(self.tail_m[edge])
        )

    def kerb(self, edge: int) -> F8:
        """f8[k, 2]: the kerb on the driving side, from box to box."""
        return self.stretch(edge, float(self.right_m[edge]), float(self.head_m[edge]), float(self.tail_m[edge]))

    # --- lists of the whole map --------------------------------------------------------------------------------------

    @cached_property
    def stop_lines(self) -> list[tuple[int, F8]]:
        """(edge, f8[2, 2]) across the edge's own lanes, at every signal and where smaller roads meet bigger ones."""
        found = []
        for junction, approaches in enumerate(self.junctions.approaches):
            best = min((int(self.road_map.edge_class[edge]) for edge in approaches), default=0)
            for edge in approaches:
                minor = int(self.road_map.edge_class[edge]) > best
                if self.junctions.signal[junction] or (minor and len(approaches) > 2):
                    inner = 0.15 if self.road_map.edge_reverse[edge] >= 0 else -float(self.left_m[edge]) + 0.5
                    outer = float(self.road_map.lane_offset_m[edge]) + LANE_WIDTH_M / 2
                    at = float(self.line_m[edge])
                    ends = [self.place(edge, at, right)[:2] for right in (inner, outer)]
                    found.append((edge, np.array(ends)))
        return found

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """At signals one across every arm; in mid-block those of the map, or seeded ones where the map has none."""
        places: list[tuple[int, float, int, int]] = []
        for junction in np.flatnonzero(self.junctions.signal).tolist():
            for edge in self.junctions.approaches[junction]:
                places.append((edge, float(self.line_m[edge]) + CROSSING_AFTER_LINE_M, junction, edge))
        places += [(edge, along, -1, -1) for edge, along in self._mid_block()]
        return tuple(self._crossing(k, *place) for k, place in enumerate(places))

    def _crossing(self, ident: int, edge: int, along_m: float, junction: int, approach: int) -> Crossing:
        x, y, heading = self.place(edge, along_m)
        across = heading + np.pi / 2 * self.road_map.side
        right, left = float(self.right_m[edge]), float(self.left_m[edge])
        return Crossing(ident, edge, along_m, x, y, float(across), right, left, junction, approach)

    def _mid_block(self) -> list[tuple[int, float]]:
        road_map = self.road_map
        chosen: list[tuple[int, float]] = []
        seen: set[int] = set()
        named = zip(road_map.crossing_edge.tolist(), road_map.crossing_offset_m.tolist(), strict=True)
        wanted = list(named)
        if not wanted:
            random = np.random.default_rng([self.seed, 77])
            draw = random.random(road_map.edge_count)
            fit = (road_map.edge_length_m > LEAST_ROAD_M) & (road_map.edge_class > 1) & (draw < 0.3)
            wanted = [(edge, 0.5 * float(road_map.edge_length_m[edge])) for edge in np.flatnonzero(fit).tolist()]
        for edge, along in wanted:
            twin = int(road_map.edge_reverse[edge])
            clear = self.head_m[edge] + CLEAR_M < along < self.line_m[edge] - CLEAR_M
            if clear and edge not in seen and twin not in seen and road_map.edge_class[edge] > 1:
                seen.add(edge)
                chosen.append((edge, float(along)))
        return chosen

    @cached_property
    def signal_places(self) -> SignalPlaces:
        """Two heads for each signalled approach: beside the stop line, and hung over the far side of the junction."""
        pose, approach, owner = [], [], []
        for junction in np.flatnonzero(self.junctions.signal).tolist():
            for edge in self.junctions.approaches[junction]:
                line = float(self.line_m[edge])
                x, y, heading = self.place(edge, line + 0.5, float(self.right_m[edge]) + 0.5)
                pose.append((x, y, 3.1, heading + np.pi))
                fx, fy, heading = self.place(edge, float(self.road_map.edge_length_m[edge]))
                beyond = max(19.0 - float(self.tail_m[edge]), float(self.tail_m[edge]) + 1.0)
                out = (float(self.road_map.lane_offset_m[edge]) + 1.0) * self.road_map.side
                c, s = float(np.cos(heading)), float(np.sin(heading))
                pose.append((fx + beyond * c + out * s, fy + beyond * s - out * c, 4.3, heading + np.pi))
                approach += [edge, edge]
                owner += [junction, junction]
        return SignalPlaces(
            np.array(pose).reshape(-1, 4), np.array(approach, dtype=np.int64), np.array(owner, dtype=np.int64)
        )

    @cached_property
    def marks(self) -> list[Mark]:
        """Centre lines, lane dividers and the line between the kerb lane and the kerb strip."""
        found: list[Mark] = []
        for edge in range(self.road_map.edge_count):
            if int(self.road_map.edge_class[edge]) >= UNMARKED_CLASS:
                continue
            found.extend(mark for mark in self._marks_of(edge) if len(mark.line) > 1)
        return found

    def _marks_of(self, edge: int) -> list[Mark]:
        road_map = self.road_map
        head, tail = float(self.head_m[edge]) + 1.0, float(self.tail_m[edge]) + 1.5
        twin, lanes = int(road_map.edge_reverse[edge]), max(int(road_map.edge_lanes[edge]), 1)
        inner = 0.0 if twin >= 0 else -lanes * LANE_WIDTH_M / 2
        marks = []
        if twin < 0:
            marks.append(Mark(self.stretch(edge, inner, head, tail), 0.15))
        elif edge < twin:
            back = float(self.tail_m[twin]) + 1.5
            wide = lanes > 1 or int(road_map.edge_lanes[twin]) > 1
            line = self.stretch(edge, 0.0, max(head, back), tail)
            marks += [Mark(line, 0.25)] if wide else [Mark(line, 0.15, 3.0, 3.0)]
        for lane in range(1, lanes):
            marks.append(Mark(self.stretch(edge, inner + lane * LANE_WIDTH_M, head, tail), 0.15, 3.0, 6.0))
        outer = inner + lanes * LANE_WIDTH_M + 0.05
        strip = kerb_allowed(road_map, edge)
        line = self.stretch(edge, outer, head, tail)
        marks.append(Mark(line, 0.12, 1.0, 1.0) if strip else Mark(line, 0.2))
        return marks

    # --- where the road is -------------------------------------------------------------------------------------------

    @cached_property
    def _samples(self) -> tuple[cKDTree, F8]:
        """Points of the centre lines every 2 m: f8[k, 6] x, y, cos, sin of the heading, right_m, left_m."""
        rows = []
        for edge in range(self.road_map.edge_count):
            line = even(self.road_map.geometry(edge), 2.0)
            end = self.road_map.geometry(edge)[-1:]
            if float(np.hypot(*(end[0] - line[-1]))) > 0.1:
                line = np.concatenate([line, end])
            step = np.gradient(line, axis=0)
            size = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)
            right, left = np.full(len(line), self.right_m[edge]), np.full(len(line), self.left_m[edge])
            rows.append(np.column_stack([line, step / size[:, None], right, left]))
        table = np.concatenate(rows)
        return cKDTree(table[:, :2]), table

    def off_road_m(self, x: F8, y: F8) -> F8:
        """f8[N]: how far outside of the kerbs each place is, 0 on the road; exact to about a metre near junctions."""
        tree, table = self._samples
        points = np.column_stack([x, y])
        _, near = tree.query(points, k=min(8, len(table)))
        rows = table[np.atleast_2d(near).reshape(len(points), -1)]
        dx, dy = points[:, None, 0] - rows[:, :, 0], points[:, None, 1] - rows[:, :, 1]
        along = np.abs(dx * rows[:, :, 2] + dy * rows[:, :, 3]) - 1.5
        right = (dx * rows[:, :, 3] - dy * rows[:, :, 2]) * self.road_map.side
        outside = np.maximum(np.maximum(right - rows[:, :, 4], -right - rows[:, :, 5]), along)
        discs = np.hypot(dx, dy) - np.minimum(rows[:, :, 4], 6.0)
        gap: F8 = np.maximum(np.minimum(outside, discs).min(axis=1), 0.0)
        return gap
