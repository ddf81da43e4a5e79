"""Stopping at the kerb: which place, and the way into it and out of it."""

from collections.abc import Iterable, Sequence

import numpy as np

from autonomy.sim.path import Path, kerb_allowed
from autonomy.sim.platforms import Platform
from autonomy.sim.roads import KERB_SHIFT_M, RoadMap

SPACING_M = 16.0  # between the rear axles of neighbours: room to pull in behind one and out past the other
MOVE_M = 10.5  # the tightest place of the move has a radius of 6.7 m
STRAIGHT_M = 1.5
LOOK_M = 160.0
AFTER_BOX_M = 10.0
BEFORE_BOX_M = 8.0  # cars that turn right swing over the kerb strip before the corner
BEFORE_END_M = 16.0
BESIDE_M = 12
LEAST_ROOM_M = 1.5  # half of a car that is 2 m wide, and half a metre for its swing in the bend


def kerb_point(path: Path, s: float, side: float) -> tuple[float, float]:
    """Rear axle of a car at the kerb at `s`."""
    x, y, heading = path.pose(s)
    return x + side * KERB_SHIFT_M * float(np.sin(heading)), y - side * KERB_SHIFT_M * float(np.cos(heading))


def is_free(point: tuple[float, float], taken: Iterable[tuple[float, float]], spacing_m: float = SPACING_M) -> bool:
    x, y = point
    return all((x - tx) ** 2 + (y - ty) ** 2 >= spacing_m**2 for tx, ty in taken)


def room_beside_m(path: Path, s: float, platform: Platform, side: float) -> float:
    """From the body of a car that stands at the kerb at `s` to the middle of the lane beside it.

    On a straight road `KERB_SHIFT_M` less half the width; less where the road bends towards the kerb, because the ends
    of a straight body then reach into the lane.
    """
    x, y = kerb_point(path, s, side)
    heading = path.pose(s)[2]
    along = np.linspace(-platform.rear_overhang_m, platform.front_m, 9)
    out = side * platform.width_m / 2
    c, n = float(np.cos(heading)), float(np.sin(heading))
    body = np.column_stack([x + along * c - out * n, y + along * n + out * c])
    lane = path.lane[max(0, int(s) - BESIDE_M) : int(s) + BESIDE_M + 1, :2]
    return float(np.sqrt(((body[:, None, :] - lane[None, :, :]) ** 2).sum(axis=2)).min())


def _clear_of_boxes(path: Path, s: float, front_m: float) -> bool:
    return all(
        s + front_m < passage.enter - BEFORE_BOX_M or s > passage.leave + AFTER_BOX_M for passage in path.passages
    ) and (s + front_m < path.length_m - BEFORE_END_M)


def choose_place(
    road_map: RoadMap,
    path: Path,
    candidates: Sequence[float],
    *,
    first_m: float,
    platform: Platform,
    taken: Sequence[tuple[float, float]],
) -> float | None:
    """The first of the candidates (m along the path, best first) that can be reached, is allowed and free, and leaves
    the lane free.

    Places clear of junctions come first; where a short road has none, any free one will do.
    """
    front_m = platform.front_m
    fit = [s for s in candidates if first_m <= s <= path.length_m - 1.0]
    fit = [s for s in fit if is_free(kerb_point(path, s, road_map.side), taken)]
    fit = [s for s in fit if room_beside_m(path, s, platform, road_map.side) >= LEAST_ROOM_M]
    allowed = [s for s in fit if kerb_allowed(road_map, path.position(s)[0])]
    for s in allowed:
        if _clear_of_boxes(path, s, front_m):
            return s
    outside = [s for s in fit if all(not p.enter - 2 < s + front_m or s > p.leave + 2 for p in path.passages)]
    return outside[0] if outside else None


def errand_candidates(end_m: float) -> list[float]:
    """The ordered place, then its neighbours, nearer ones first and before rather than behind."""
    steps = [0.0]
    for k in range(1, 21):
        steps += [-7.0 * k, 7.0 * k]
    return [end_m + step for step in steps]


def pull_over_candidates(first_m: float) -> list[float]:
    return [first_m + 4.0 * k for k in range(40)]


def shifts_for(s: float, offset_m: float, speed_mps: float, place_m: float | None) -> list[tuple[float, float, float]]:
    """Kerb moves of a path: out of the kerb from `offset_m` at `s`, into the kerb at `place_m`."""
    shifts = []
    if offset_m > 0.3:
        shifts.append((s + 0.5, s + max(13.0, 1.6 * speed_mps), -offset_m))
    if place_m is not None:
        shifts.append((max(place_m - STRAIGHT_M - MOVE_M, s), place_m - STRAIGHT_M, KERB_SHIFT_M))
    return shifts
