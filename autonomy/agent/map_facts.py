"""The car's map as the mission checks and the restart need it."""

import math
from collections.abc import Sequence

import numpy as np

from autonomy.sim.roads import RoadMap


class MapFacts:
    """Implements `mission_checks.RoadFacts`."""

    def __init__(self, road_map: RoadMap) -> None:
        self._map = road_map

    @property
    def digest(self) -> str:
        return self._map.digest

    @property
    def edge_count(self) -> int:
        return self._map.edge_count

    def ends(self, edge: int) -> tuple[int, int]:
        return int(self._map.edge_from[edge]), int(self._map.edge_to[edge])

    def length_m(self, edge: int) -> float:
        return float(self._map.edge_length_m[edge])

    def distance_m(self, lon: float, lat: float, edge: int, offset_m: float) -> float:
        """Straight line from a point to a place on the road."""
        line = self._map.geometry(edge)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        x, y = self._map.projection(lon, lat)
        return math.hypot(
            x - float(np.interp(offset_m, along, line[:, 0])), y - float(np.interp(offset_m, along, line[:, 1]))
        )

    def rest_of_leg(self, edges: Sequence[int], end_offset_m: float, edge: int, remaining_m: float) -> list[int] | None:
        """The edges from `edge` on; None if the leg does not use it.

        A leg may use an edge twice; then the remaining distance tells which time it is.
        """
        places = [index for index, candidate in enumerate(edges) if candidate == edge]
        if not places:
            return None

        def left_m(index: int) -> float:
            return sum(self.length_m(later) for later in edges[index:-1]) + end_offset_m

        best = min(places, key=lambda index: abs(left_m(index) - self.length_m(edge) / 2 - remaining_m))
        return list(edges[best:])
