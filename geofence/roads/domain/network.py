"""A network in use: graph, router at the present speeds, snapping, and routers for masks."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import numpy as np
import numpy.typing as npt

from geofence.base.errors import Refusal
from geofence.roads.domain.graph import F8, Bool, RoadGraph
from geofence.roads.domain.router import Router, Snapped
from geofence.roads.domain.snapping import SnappedMany, Snapper

MASKED_ROUTERS = 16
MAX_SNAP_M = 150.0


class NoNetwork(Refusal):
    """No city has been imported, so nothing can be routed or located."""

    def __init__(self) -> None:
        super().__init__("no_network", "No road network is active. Import a city first.", status=503)


@dataclass(eq=False)
class Network:
    """One version of a city: its map (`digest`) at certain live speeds. Safe to share between threads."""

    id: UUID
    slug: str
    name: str
    version: str
    graph: RoadGraph
    router: Router
    snapper: Snapper
    speeds_mps: F8
    _masked: "OrderedDict[str, Router]" = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def digest(self) -> str:
        """The map's digest: the same on the platform and in the cars."""
        return self.graph.digest

    @cached_property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return self.graph.bbox

    def snap(
        self,
        lon: float,
        lat: float,
        max_distance_m: float = MAX_SNAP_M,
        allowed: Bool | None = None,
        *,
        heading_deg: float | None = None,
    ) -> Snapped:
        """The nearest place on an (allowed) road; on a two-way street the direction whose right side faces the point,
        or the one that `heading_deg` (clockwise from north) points along.

        Raises Refusal `not_on_road` when there is none within `max_distance_m`, or the point is not finite.
        """
        if not (np.isfinite(lon) and np.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            raise Refusal("not_on_road", "The point is no longitude and latitude.", status=422)
        found = self.snapper.snap(lon, lat, max_distance_m=max_distance_m, allowed=allowed, heading_deg=heading_deg)
        if found is None:
            detail = f"No road within {max_distance_m:.0f} m of {lon:.5f}, {lat:.5f}."
            raise Refusal("not_on_road", detail, status=422)
        return found

    def snap_many(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        max_distance_m: float = MAX_SNAP_M,
        allowed: Bool | None = None,
    ) -> SnappedMany:
        """`snap` of many points; edge -1 where there is no road in reach."""
        return self.snapper.snap_many(lon, lat, max_distance_m=max_distance_m, allowed=allowed)

    def router_for(self, mask_key: str, allowed: Bool, speed_caps_mps: F8 | None = None) -> Router:
        """The router on the allowed edges [E] only, nowhere faster than `speed_caps_mps` [E] (infinity: no cap).

        `mask_key` must name mask and caps; the last few routers are kept.
        """
        with self._lock:
            if mask_key in self._masked:
                self._masked.move_to_end(mask_key)
                return self._masked[mask_key]
        speeds = self.speeds_mps if speed_caps_mps is None else np.minimum(self.speeds_mps, speed_caps_mps)
        router = self.router.customised(speeds, allowed)
        with self._lock:
            self._masked[mask_key] = router
            while len(self._masked) > MASKED_ROUTERS:
                self._masked.popitem(last=False)
        return router
