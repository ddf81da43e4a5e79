"""Every metre of a route, at the time when the car will be there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final
from uuid import UUID

import numpy as np

from geofence.odd.domain.area import F8, Bool, unix_s
from geofence.odd.domain.raster import I8
from geofence.odd.domain.segments import Parts, SegmentIndex, Segments, gaps, when_active
from geofence.odd.domain.verdict import Reason, RouteVerdict, Violation
from geofence.zones.domain.hours import Interval, merge

if TYPE_CHECKING:
    from geofence.odd.domain.compiled import CompiledOdd

# Where two service areas meet, their computed edges may differ by rounding; a millimetre is no gap for a car.
JOINT_M: Final = 1e-3
Culprit = tuple[Reason, UUID | None, str]


def check_route(odd: CompiledOdd, lonlat: F8, times: F8 | float) -> RouteVerdict:
    """See `CompiledOdd.check_route`."""
    points, times_s = _arrays(lonlat, times)
    if not odd.has_service_area:
        return _refused(odd, points, Reason.NO_SERVICE_AREA)
    if not _possible(points).all():
        return _refused(odd, points, Reason.UNKNOWN_POSITION)
    if len(points) == 1:
        points, times_s = np.repeat(points, 2, axis=0), np.repeat(times_s, 2)
    segments = Segments(points[:-1], points[1:], times_s[:-1], times_s[1:])
    found: dict[Culprit, list[tuple[int, Interval]]] = defaultdict(list)
    for segment, gap in outside(odd.service_index, segments):
        found[Reason.OUTSIDE_SERVICE_AREA, None, ""].append((segment, gap))
    parts = within(odd.forbidden_index, segments)
    for k, index in enumerate(parts.area):
        area = odd.forbidden.areas[index]
        part = float(parts.from_t[k]), float(parts.to_t[k])
        found[Reason(area.kind.value), area.zone_id, area.name].append((int(parts.segment[k]), part))
    if not found:
        return RouteVerdict(True, odd.version, odd.digest)
    violations = [v for culprit, places in found.items() for v in _violations(culprit, places, segments)]
    violations.sort(key=lambda v: (v.from_m, v.to_m, v.reason.value, str(v.zone_id)))
    return RouteVerdict(False, odd.version, odd.digest, tuple(violations))


def outside(index: SegmentIndex, segments: Segments) -> list[tuple[int, Interval]]:
    """Return (segment, part of it) for all that no applying area of the layer covers."""
    undecided = index.undecided_inside(segments)
    if not len(undecided):
        return []
    some = segments.take(undecided)
    segment, area = index.touching(some)
    whole = index.covering(some, segment, area)
    crossing = index.parts(some, segment[~whole], area[~whole])
    ones = np.ones(int(whole.sum()))
    parts = Parts(
        np.concatenate([segment[whole], crossing.segment]),
        np.concatenate([area[whole], crossing.area]),
        np.concatenate([0.0 * ones, crossing.from_t]),
        np.concatenate([ones, crossing.to_t]),
    )
    parts = when_active(index.layer.areas, some, parts, if_unknown=index.layer.unknown_applies)
    covered = np.zeros(len(some), dtype=np.bool_)
    # A part of 0 to 1 of a segment that is not covered is rounding: the exact predicate decides.
    exact = np.isin(
        parts.segment * len(index.layer.areas) + parts.area, segment[whole] * len(index.layer.areas) + area[whole]
    )
    covered[parts.segment[exact & (parts.from_t <= 0) & (parts.to_t >= 1)]] = True
    lengths = some.lengths_m()
    order = np.argsort(parts.segment, kind="stable")
    begin, end = (np.searchsorted(parts.segment[order], np.arange(len(some)), side=side) for side in ("left", "right"))
    return [
        (int(undecided[s]), gap)
        for s in np.flatnonzero(~covered)
        for gap in gaps_of(parts, order[begin[s] : end[s]], float(lengths[s]))
    ]


def within(index: SegmentIndex, segments: Segments) -> Parts:
    """Return the parts of segments that lie in an applying area of the layer (touching it counts)."""
    undecided = index.undecided_outside(segments)
    some = segments.take(undecided)
    segment, area = index.touching(some)
    if not len(segment):
        none: I8 = np.zeros(0, dtype=np.int64)
        return Parts(none, none, np.zeros(0), np.zeros(0))
    parts = index.parts(some, segment, area)
    parts = when_active(index.layer.areas, some, parts, if_unknown=index.layer.unknown_applies)
    return Parts(undecided[parts.segment], parts.area, parts.from_t, parts.to_t)


def gaps_of(parts: Parts, mine: I8, length_m: float) -> list[Interval]:
    """Return what the parts numbered `mine` leave open of their one segment, which no area covers by itself."""
    several = len(np.unique(parts.area[mine])) > 1
    inside = [(float(parts.from_t[k]), float(parts.to_t[k])) for k in mine]
    found = gaps(inside, JOINT_M / length_m if several and length_m > 0 else 0.0)
    # One area that does not cover the segment and yet leaves no gap: what is outside is below rounding, and outside.
    return found if found or several else [(0.0, 1.0)]


def _violations(culprit: Culprit, places: list[tuple[int, Interval]], segments: Segments) -> list[Violation]:
    lengths = segments.lengths_m()
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    spans: list[Interval] = []
    first_at: dict[float, tuple[int, float]] = {}
    for segment, (t0, t1) in places:
        begin = float(starts[segment] + lengths[segment] * t0)
        spans.append((begin, float(starts[segment] + lengths[segment] * t1)))
        first_at.setdefault(begin, (segment, t0))
    reason, zone_id, name = culprit
    found = []
    for from_m, to_m in _joined(spans):
        segment, t = first_at[from_m]
        lon, lat = segments.a[segment] + (segments.b[segment] - segments.a[segment]) * t
        found.append(Violation(reason, zone_id, name, float(lon), float(lat), from_m, to_m))
    return found


def _joined(spans: list[Interval]) -> list[Interval]:
    """Join stretches that meet, but for rounding, at a vertex of the route."""
    joined = merge((start, end + JOINT_M) for start, end in spans)
    return [(start, end - JOINT_M) for start, end in joined]


def _refused(odd: CompiledOdd, points: F8, reason: Reason) -> RouteVerdict:
    bad = int(np.argmin(_possible(points))) if reason is Reason.UNKNOWN_POSITION else 0
    lon, lat = (float(v) for v in points[bad])
    known = points[_possible(points)]
    segments = Segments(known[:-1], known[1:], known[:-1, 0], known[1:, 0])
    length = float(segments.lengths_m().sum()) if len(known) > 1 else 0.0
    violation = Violation(reason, None, "", lon, lat, 0.0, length)
    return RouteVerdict(False, odd.version, odd.digest, (violation,))


def _possible(points: F8) -> Bool:
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90))


def _arrays(lonlat: F8, times: F8 | float) -> tuple[F8, F8]:
    points = np.asarray(lonlat, dtype=np.float64)
    if points.ndim != 2 or points.shape[1:] != (2,) or not len(points):
        raise ValueError("a route is an array of at least one [lon, lat]")
    times_s = np.asarray(unix_s(np.asarray(times, dtype=np.float64)), dtype=np.float64)
    if times_s.ndim == 0:
        times_s = np.full(len(points), float(times_s))
    if times_s.shape != (len(points),):
        raise ValueError("a route has one time a vertex")
    return points, times_s
