"""Who is in whose way: bodies as rows of discs against the paths ahead."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.bodies import AllBodies

F8 = NDArray[np.float64]
DISCS = 4
REACH_M = 112.0
MARGIN_M = 0.25
SELDOM_M = 4.0
NEAR_M = 6.5  # from the middle of a body of twice CAR_HALF_M to the path, at most, where they may touch
CAR_HALF_M = 2.6
JOINED_M = 25.0
COMING_M = 90.0  # 4 s at 20 m/s and a car's length


@dataclass(frozen=True, eq=False)
class Hits:
    """For each finding: car `i` has body `j` in its way, first touched `ahead_m` from i's rear axle along the path,
    where j moves with `speed_mps` along i's path. Sorted by i, then by distance."""

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    ahead_m: F8
    speed_mps: F8

    def select(self, keep: NDArray[np.bool_]) -> "Hits":
        """Only those that `keep` marks."""
        return self if keep.all() else Hits(self.i[keep], self.j[keep], self.ahead_m[keep], self.speed_mps[keep])


def discs(x: F8, y: F8, heading: F8, *, rear_m: F8, front_m: F8, width_m: F8) -> F8:
    """f8[N, DISCS, 2]: centres of the discs (radius width/2) that cover each body, rear to front."""
    first, last = -rear_m + width_m / 2, front_m - width_m / 2
    along = first[:, None] + (last - first)[:, None] * np.linspace(0.0, 1.0, DISCS)
    return np.stack(
        [x[:, None] + along * np.cos(heading)[:, None], y[:, None] + along * np.sin(heading)[:, None]], axis=2
    )


def find_hits(window: F8, front_m: F8, width_m: F8, bodies: AllBodies, *, reach_m: F8) -> Hits:
    """window: f8[N, K, >=3] points ahead of each car (x, y, heading), 1 m apart, from its rear axle on; front_m,
    width_m: f8[N] of the cars; reach_m: f8[N] how far each car looks. Hits name bodies by their row in `bodies`."""
    count, size = window.shape[0], window.shape[1]
    half = bodies.length / 2
    centres = discs(bodies.x, bodies.y, bodies.heading, rear_m=half, front_m=half, width_m=bodies.width)
    here, x, y = window[:, 0, :2], bodies.x, bodies.y
    near = np.hypot(here[:, None, 0] - x[None, :], here[:, None, 1] - y[None, :]) < reach_m[:, None]
    near &= bodies.solid[None, :]
    near[np.arange(count), np.arange(count)] = False
    i, j = np.nonzero(near)
    step = int(SELDOM_M)
    sparse = window[i][:, ::step, :2]
    gap_x, gap_y = np.abs(sparse[:, :, 0] - x[j][:, None]), np.abs(sparse[:, :, 1] - y[j][:, None])
    close = (np.hypot(gap_x, gap_y) < (NEAR_M + np.maximum(half - CAR_HALF_M, 0.0))[j][:, None]).any(axis=1)
    i, j = i[close], j[close]
    if len(i) == 0:
        return Hits(i, j, np.empty(0), np.empty(0))
    points = window[i][:, :, :2]
    delta = points[:, :, None, :] - centres[j][:, None, :, :]
    square = (delta * delta).sum(axis=3).min(axis=2)
    touch = (width_m[i] + bodies.width[j]) / 2 + MARGIN_M
    inside = square < (touch * touch)[:, None]
    first = np.maximum(front_m[i] - 0.5, 0.0)
    inside &= np.arange(size)[None, :] >= first[:, None]
    hit = inside.any(axis=1)
    i, j, at = i[hit], j[hit], inside[hit].argmax(axis=1)
    along = bodies.speed[j] * np.cos(bodies.heading[j] - window[i, at, 2])
    order = np.lexsort((j, at, i))
    return Hits(i[order], j[order], at[order].astype(float), along[order])


class Levels:
    """Which roads meet: bodies on roads that cross over or under each other are not in each other's way."""

    def __init__(self, edge_from: NDArray[np.int32], edge_to: NDArray[np.int32], length_m: F8) -> None:
        self._ends = list(zip(edge_from.tolist(), edge_to.tolist(), strict=True))
        self._length = length_m.tolist()
        self._leaving: dict[int, list[int]] = {}
        for edge, (a, b) in enumerate(self._ends):
            self._leaving.setdefault(a, []).append(edge)
            self._leaving.setdefault(b, []).append(edge)
        self._known: dict[tuple[int, int], bool] = {}
        self._coming: dict[tuple[int, int], bool] = {}

    def meet(self, a: int, b: int) -> bool:
        """Are the edges one, or joined by roads of at most `JOINED_M` metres?"""
        key = (a, b) if a <= b else (b, a)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = a == b or bool(self._around(a) & set(self._ends[b]))
        return known

    def comes_by(self, other: int, mine: int) -> bool:
        """May a car on edge `other` be on edge `mine` within `COMING_M`, or is it as near as `meet` says?

        Wider than `meet`: who pulls out looks further back than the next junction.
        """
        key = (other, mine)
        known = self._coming.get(key)
        if known is None:
            known = self._coming[key] = self.meet(other, mine) or self._ends[mine][0] in self._onward(other)
        return known

    def _onward(self, edge: int) -> set[int]:
        """Nodes that a car on the edge may come to within `COMING_M`, counted from the edge's end."""
        found = {self._ends[edge][1]: 0.0}
        queue = list(found)
        while queue:
            node = queue.pop()
            for out in self._leaving[node]:
                start, end = self._ends[out]
                reach = found[node] + self._length[out]
                if start == node and reach <= COMING_M and reach < found.get(end, COMING_M + 1):
                    found[end] = reach
                    queue.append(end)
        return set(found)

    def _around(self, edge: int) -> set[int]:
        found = dict.fromkeys(self._ends[edge], 0.0)
        queue = list(found)
        while queue:
            node = queue.pop()
            for other in self._leaving[node]:
                for far in self._ends[other]:
                    reach = found[node] + self._length[other]
                    if reach <= JOINED_M and reach < found.get(far, JOINED_M + 1):
                        found[far] = reach
                        queue.append(far)
        return set(found)
