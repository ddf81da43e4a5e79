"""A version of the operational design domain, compiled to answer fast. Unknown is never inside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from geofence.odd.domain.area import F8, Area, At, Bool, unix_s
from geofence.odd.domain.layer import Layer
from geofence.odd.domain.route_check import check_route
from geofence.odd.domain.segments import SegmentIndex
from geofence.odd.domain.verdict import Reason, RouteVerdict, Verdict
from geofence.odd.domain.windows import windows
from geofence.zones.domain.kinds import FORBIDDING, ZoneKind


class CompiledOdd:
    """Where a car may drive and stop under version `version` (`digest`: fingerprint of its content).

    Longitudes and latitudes are WGS84 degrees. `at` is a moment (a datetime with a time zone, or unix seconds), or an
    array with one unix time a point; a zone with hours counts only while they are open. An object never changes and is
    safe to share between threads.
    """

    def __init__(self, version: int, digest: str, areas: Iterable[Area]) -> None:
        self.version = version
        self.digest = digest
        self.areas = tuple(areas)
        service = self._of(ZoneKind.SERVICE_AREA)
        # At an unknown time an area with hours is no service area, and is a forbidden one: unknown is never inside.
        # What lies far from all service areas is refused anyway, so no grid needs to reach there.
        parts = windows([area.polygon.bounds for area in service])
        self.service = Layer(service, unknown_applies=False, windows=parts)
        self.forbidden = Layer(self._of(*FORBIDDING), unknown_applies=True, windows=parts)
        self.no_stop = Layer(self._of(ZoneKind.NO_STOP), unknown_applies=True, windows=parts)
        self.slow = Layer(self._of(ZoneKind.SLOW), unknown_applies=True, windows=parts)

    @property
    def has_service_area(self) -> bool:
        """Whether anything is published to drive in."""
        return bool(self.service.areas)

    @cached_property
    def depots(self) -> tuple[Area, ...]:
        """The published depots."""
        return self._of(ZoneKind.DEPOT)

    @cached_property
    def service_index(self) -> SegmentIndex:
        """The service areas, for lines."""
        return SegmentIndex(self.service)

    @cached_property
    def forbidden_index(self) -> SegmentIndex:
        """The areas where no car may be, for lines."""
        return SegmentIndex(self.forbidden)

    @cached_property
    def slow_index(self) -> SegmentIndex:
        """The slow zones, for lines."""
        return SegmentIndex(self.slow)

    def check_points(self, lon: F8, lat: F8, at: At) -> Bool:
        """Return for each point whether a car may be there."""
        x, y = _columns(lon, lat)
        times = unix_s(at)
        allowed = self.service.covers(x, y, times)
        if self.forbidden.areas:
            allowed &= ~self.forbidden.covers(x, y, times)
        return allowed

    def check_stops(self, lon: F8, lat: F8, at: At) -> Bool:
        """Return for each point whether a car may stop there to let people board or alight."""
        x, y = _columns(lon, lat)
        allowed = self.check_points(x, y, at)
        if self.no_stop.areas:
            allowed &= ~self.no_stop.covers(x, y, unix_s(at))
        return allowed

    def contains(self, lon: float, lat: float, at: At) -> bool:
        """Tell whether a car may be at the point."""
        return self.verdict(lon, lat, at).allowed

    def verdict(self, lon: float, lat: float, at: At) -> Verdict:
        """Tell whether a car may be at the point, and why not."""
        time_s = float(unix_s(at))
        if not self.has_service_area:
            return Verdict(False, Reason.NO_SERVICE_AREA)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            return Verdict(False, Reason.UNKNOWN_POSITION)
        if self.service.covering(lon, lat, time_s) is None:
            return Verdict(False, Reason.OUTSIDE_SERVICE_AREA)
        if (area := self.forbidden.covering(lon, lat, time_s)) is not None:
            return Verdict(False, Reason(area.kind.value), area.zone_id, area.name)
        return Verdict(True)

    def may_stop(self, lon: float, lat: float, at: At) -> Verdict:
        """Tell whether a car may stop at the point to let people board or alight, and why not."""
        verdict = self.verdict(lon, lat, at)
        if verdict.allowed and (area := self.no_stop.covering(lon, lat, float(unix_s(at)))) is not None:
            return Verdict(False, Reason.NO_STOP, area.zone_id, area.name)
        return verdict

    def check_route(self, lonlat: F8, times: F8 | float) -> RouteVerdict:
        """Check every metre of the line `lonlat` [P, 2], driven at `times` [P] unix seconds (or all at one time).

        A violation names the zone, where it begins, and from which to which metre it lasts. Raises ValueError for
        arrays of wrong shapes.
        """
        return check_route(self, lonlat, times)

    def _of(self, *kinds: ZoneKind) -> tuple[Area, ...]:
        return tuple(area for area in self.areas if area.kind in kinds)


def _columns(lon: F8, lat: F8) -> tuple[F8, F8]:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("longitudes and latitudes are two arrays of one length")
    return x, y
