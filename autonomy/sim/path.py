"""A car's way as a line of points 1 m apart in its lane, with speed limits and the junctions that it passes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.curves import (
    TURN_RADIUS_M,
    bend,
    curvature_of,
    even,
    heading_of,
    lengths_along,
    loop,
    offset_line,
    steerable,
)
from autonomy.sim.junctions import Junctions
from autonomy.sim.roads import FLAG_BRIDGE, FLAG_TUNNEL, RoadMap

F8 = NDArray[np.float64]
X, Y, HEADING, CURVATURE, LIMIT = range(5)
CAP_BEFORE_M = 15.0  # the front lies up to 4.5 m before the rear axle, and speed follows its limit with 0.5 s of lag
CAP_BEHIND_M = 2.0


@dataclass(frozen=True, slots=True)
class Passage:
    """One junction on a path: in the box from `enter` to `leave` (m along the path)."""

    junction: int
    enter: float
    leave: float
    approach: int
    exit: int
    key: tuple[int, ...]
    turn_rad: float

    def moved(self, metres: float, behind: float) -> "Passage":
        """The passage with what lies behind a place moved on."""
        enter = self.enter + (metres if self.enter > behind else 0.0)
        leave = self.leave + (metres if self.leave > behind else 0.0)
        return replace(self, enter=enter, leave=leave)


@dataclass(eq=False)
class Path:
    """lane: f8[P, 5] columns X..LIMIT in the lane; points: the same with the moves to and from the kerb;
    road: f8[P] distance along the edges' centre lines; `ends`: that distance at the end of each edge; `speed_caps_mps`:
    by edge, where less than the map's limit holds."""

    edges: list[int]
    lane: F8
    points: F8
    road: F8
    ends: F8
    passages: list[Passage]
    end_m: float
    at_kerb: bool
    shifts: list[tuple[float, float, float]] = field(default_factory=list)
    speed_caps_mps: Mapping[int, float] = field(default_factory=dict)

    @property
    def length_m(self) -> float:
        return float(len(self.road) - 1)

    def ordinal(self, s: float) -> int:
        """Which of the path's edges the car is on at `s`."""
        return self._number(self.road_at(s))

    def road_at(self, s: float) -> float:
        """Distance along the edges' centre lines at `s`."""
        low, part = self._cell(s)
        return float(self.road[low] * (1 - part) + self.road[low + 1] * part)

    def _cell(self, s: float) -> tuple[int, float]:
        at = min(max(s, 0.0), len(self.road) - 1.001)
        return int(at), at - int(at)

    def _number(self, along_m: float) -> int:
        return min(int(np.searchsorted(self.ends, along_m, side="right")), len(self.edges) - 1)

    def position(self, s: float) -> tuple[int, float]:
        """Edge and metres along it at `s`."""
        along = self.road_at(s)
        number = self._number(along)
        start = float(self.ends[number - 1]) if number else 0.0
        return self.edges[number], max(0.0, along - start)

    def at_road(self, along_m: float) -> float:
        """Metres along the path of a distance along the edges."""
        return float(np.interp(along_m, self.road, np.arange(len(self.road))))

    def pose(self, s: float) -> tuple[float, float, float]:
        """x, y, heading in the lane at `s`."""
        low, part = self._cell(s)
        x, y, heading = (self.lane[low, :3] * (1 - part) + self.lane[low + 1, :3] * part).tolist()
        return x, y, heading

    def enter_by(self, first: int, last: int, way: F8) -> None:
        """Replace rows `first` to `last` by the points of `way`; what lies behind moves by the difference in length."""
        even_way = even(way, 1.0)
        rows = np.concatenate([self.lane[:first, :2], even_way, self.lane[last + 1 :, :2]])
        t = np.linspace(first, last, len(even_way))
        at = np.concatenate([np.arange(first), t, np.arange(last + 1, len(self.lane))])
        old = np.arange(len(self.lane), dtype=float)
        self.road = np.interp(at, old, self.road)
        limit = np.interp(at, old, self.lane[:, LIMIT])
        heading = heading_of(rows)
        self.lane = np.column_stack([rows, heading, curvature_of(heading, 1.0), limit])
        moved = float(len(even_way) - (last - first + 1))
        self.end_m += moved if self.end_m > last else 0.0
        self.passages = [passage.moved(moved, float(last)) for passage in self.passages]

    def shape(self, side: float) -> None:
        """Recompute `points` from `lane` and the kerb moves `shifts`; see `kerb_profile`."""
        offset = kerb_profile(len(self.road), self.shifts) * side
        if not offset.any():
            self.points = self.lane
            return
        points = self.lane.copy()
        points[:, X] += offset * np.sin(self.lane[:, HEADING])
        points[:, Y] -= offset * np.cos(self.lane[:, HEADING])
        points[:, HEADING] = self.lane[:, HEADING] - np.arctan(np.gradient(offset))
        points[:, CURVATURE] = curvature_of(points[:, HEADING], 1.0)
        self.points = points


def kerb_profile(count: int, shifts: Sequence[tuple[float, float, float]]) -> F8:
    """f8[count]: offset towards the kerb at each metre. Each shift is (start, end, metres): negative metres leave the
    kerb from full offset before `start` to 0 at `end`; positive ones go from 0 at `start` to full at `end`."""
    s = np.arange(count, dtype=float)
    offset = np.zeros(count)
    for start, end, metres in shifts:
        t = np.clip((s - start) / max(end - start, 1e-3), 0.0, 1.0)
        ease = t * t * t * (10 - 15 * t + 6 * t * t)
        moved = metres * ease if metres > 0 else -metres * (1 - ease)
        offset = np.where(np.abs(moved) > np.abs(offset), moved, offset)
    return offset


def _edge_rows(road_map: RoadMap, edge: int, road_start: float) -> F8:
    line = road_map.geometry(edge)
    moved = offset_line(line, float(road_map.lane_offset_m[edge]) * road_map.side)
    along = lengths_along(moved)
    scale = float(road_map.edge_length_m[edge]) / max(along[-1], 1e-6)
    limit = np.full(len(moved), float(road_map.edge_speed_mps[edge]))
    return even(np.column_stack([moved, limit, road_start + along * scale]), 1.0)


def _cut(rows: F8, head_m: float, tail_m: float) -> F8:
    """Rows without the first `head_m` and the last `tail_m`, at least two of them kept."""
    along = lengths_along(rows)
    inner = np.arange(head_m, max(along[-1] - tail_m, head_m + 0.02), 1.0)
    at = np.unique(np.concatenate([inner, [max(along[-1] - tail_m, head_m + 0.02)]]))
    return np.column_stack([np.interp(at, along, rows[:, k]) for k in range(rows.shape[1])])


def _turns(rows: Sequence[F8]) -> list[tuple[float, float, float]]:
    """For each transition: (turn angle, cut at the end of the first, cut at the start of the second)."""
    result = []
    for a, b in pairwise(rows):
        ha = float(np.arctan2(*(a[-1, :2] - a[max(0, len(a) - 4), :2])[::-1]))
        hb = float(np.arctan2(*(b[min(3, len(b) - 1), :2] - b[0, :2])[::-1]))
        turn = float(np.angle(np.exp(1j * (hb - ha))))
        gap = b[0, :2] - a[-1, :2]
        if abs(turn) < 0.17:
            need = 1.0 + float(np.hypot(*gap)) * 2.0
            result.append((turn, need, need))
            continue
        cross = np.sin(turn)
        if abs(cross) < 0.1:
            cross = 0.1 * (np.sign(cross) or 1.0)
        u = (gap[0] * np.sin(hb) - gap[1] * np.cos(hb)) / cross
        v = -(gap[1] * np.cos(ha) - gap[0] * np.sin(ha)) / cross
        tangent = min(TURN_RADIUS_M * np.tan(min(abs(turn), 2.4) / 2), 14.0)
        result.append((turn, float(np.clip(tangent - u, 1.0, 25.0)), float(np.clip(tangent + v, 1.0, 25.0))))
    return result


def _raw_line(road_map: RoadMap, edges: Sequence[int]) -> tuple[F8, list[float]]:
    """Columns x, y, limit, road of the joined lanes, and the angle of each turn."""
    starts = np.concatenate([[0.0], np.cumsum(road_map.edge_length_m[list(edges)])])
    rows = [_edge_rows(road_map, edge, float(starts[k])) for k, edge in enumerate(edges)]
    turns = _turns(rows)
    pieces: list[F8] = []
    lengths = [float(lengths_along(r)[-1]) for r in rows]
    for k, row in enumerate(rows):
        head = min(turns[k - 1][2], 0.45 * lengths[k]) if k else 0.0
        tail = min(turns[k][1], 0.45 * lengths[k]) if k < len(turns) else 0.0
        round_here = k < len(turns) and edges[k + 1] == road_map.edge_reverse[edges[k]]
        round_before = k > 0 and edges[k] == road_map.edge_reverse[edges[k - 1]]
        head = min(12.0, 0.45 * lengths[k]) if round_before else head
        tail = min(12.0, 0.45 * lengths[k]) if round_here else tail
        pieces.append(_cut(row, head, tail))
    line = [pieces[0]]
    for k, piece in enumerate(pieces[1:]):
        line.append(_joint(road_map, edges[k], edges[k + 1], line[-1], piece))
        line.append(piece)
    return np.concatenate(line), [turn for turn, _, _ in turns]


def _joint(road_map: RoadMap, a: int, b: int, before: F8, after: F8) -> F8:
    ha = float(np.arctan2(*(before[-1, :2] - before[-2, :2])[::-1]))
    hb = float(np.arctan2(*(after[1, :2] - after[0, :2])[::-1]))
    if b == road_map.edge_reverse[a]:
        node = road_map.geometry(a)[-1]
        room = float(np.hypot(*(before[-1, :2] - node)))
        xy = loop(node, ha, float(road_map.lane_offset_m[a]) * road_map.side, room)
    else:
        xy = bend(before[-1, :2], ha, after[0, :2], hb)[1:-1]
    t = (np.arange(len(xy)) + 1.0) / (len(xy) + 1.0)
    limit = np.full(len(xy), min(before[-1, 2], after[0, 2]))
    road = before[-1, 3] + t * (after[0, 3] - before[-1, 3])
    return np.column_stack([xy, limit, road])


def _inverse(road: F8) -> Callable[[float], float]:
    """Road distance to metres along the path; beyond both ends one metre is one metre."""
    at = np.arange(len(road), dtype=float)

    def to_s(along_m: float) -> float:
        if along_m < road[0]:
            return along_m - float(road[0])
        if along_m > road[-1]:
            return float(len(road) - 1 + along_m - road[-1])
        return float(np.interp(along_m, road, at))

    return to_s


def _passages(
    road_map: RoadMap, junctions: Junctions, edges: Sequence[int], turns: list[float], road: F8
) -> list[Passage]:
    """Junctions on the way; transitions in one junction after another make one passage.

    Boxes are measured along the roads, so that all ways out of one approach have the same stop line.
    """
    ends = np.cumsum(road_map.edge_length_m[list(edges)])
    to_s = _inverse(road)
    found: list[Passage] = []
    k = 0
    while k < len(edges) - 1:
        node = int(road_map.edge_to[edges[k]])
        junction = int(junctions.of_node[node])
        round_here = edges[k + 1] == road_map.edge_reverse[edges[k]]
        if junction < 0 and not round_here:
            k += 1
            continue
        junction = junction if junction >= 0 else junctions.count + node
        last = k
        while last + 1 < len(edges) - 1 and int(junctions.of_node[road_map.edge_to[edges[last + 1]]]) == junction:
            last += 1
        before = 14.0 if round_here else float(junctions.box_in_m[edges[k]])
        after = 14.0 if round_here else float(junctions.box_out_m[edges[last + 1]])
        enter = to_s(float(ends[k]) - min(before, 0.6 * float(road_map.edge_length_m[edges[k]])))
        leave = to_s(float(ends[last]) + min(after, 0.6 * float(road_map.edge_length_m[edges[last + 1]])))
        key = tuple(edges[k : last + 2])
        found.append(Passage(junction, enter, leave, edges[k], edges[last + 1], key, sum(turns[k : last + 1])))
        k = last + 1
    return found


def _cap(lane: F8, road: F8, edges: Sequence[int], ends: F8, caps_mps: Mapping[int, float]) -> None:
    """Lower the limits so that no part of a car is on a capped edge and faster than its cap."""
    for number, edge in enumerate(edges):
        if edge in caps_mps:
            start = float(ends[number - 1]) if number else 0.0
            there = (road >= start - CAP_BEFORE_M) & (road <= ends[number] + CAP_BEHIND_M)
            lane[there, LIMIT] = np.minimum(lane[there, LIMIT], caps_mps[edge])


def build_path(
    road_map: RoadMap,
    junctions: Junctions,
    edges: Sequence[int],
    *,
    start_m: float,
    end_m: float,
    at_kerb: bool,
    speed_caps_mps: Mapping[int, float] | None = None,
) -> Path:
    """The lane along `edges` from `start_m` on the first to the end of the last; the stop is at `end_m` on the last."""
    caps_mps = speed_caps_mps or {}
    raw, turns = _raw_line(road_map, edges)
    rows = steerable(raw)
    first = int(np.clip(np.searchsorted(rows[:, 3], start_m) - 1, 0, max(len(rows) - 3, 0)))
    rows = rows[first:]
    if len(rows) < 3:
        raise ValueError(f"edges: a path of {len(rows)} m can't be driven")
    heading = heading_of(rows[:, :2])
    lane = np.column_stack([rows[:, :2], heading, curvature_of(heading, 1.0), rows[:, 2]])
    ends = np.cumsum(road_map.edge_length_m[list(edges)])
    _cap(lane, rows[:, 3], edges, ends, caps_mps)
    at = np.arange(len(rows), dtype=float)
    passages = _passages(road_map, junctions, edges, turns, rows[:, 3])
    stop_road = (float(ends[-2]) if len(edges) > 1 else 0.0) + end_m
    stop = float(np.interp(stop_road, rows[:, 3], at))
    passages = [passage for passage in passages if passage.leave > 0]
    return Path(
        list(edges), lane, lane, rows[:, 3].copy(), ends, passages, stop, at_kerb, speed_caps_mps=dict(caps_mps)
    )


def kerb_allowed(road_map: RoadMap, edge: int) -> bool:
    """No stopping on motorways and trunk roads, bridges and in tunnels."""
    return int(road_map.edge_class[edge]) > 1 and not int(road_map.edge_flags[edge]) & (FLAG_BRIDGE | FLAG_TUNNEL)
