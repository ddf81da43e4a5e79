"""The domain on the road network: which edges may be driven, and how fast."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from geofence.odd.domain.area import F8, At, Bool, active_sometime, active_throughout, unix_s
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.layer import Layer
from geofence.odd.domain.raster import I8
from geofence.odd.domain.route_check import gaps_of
from geofence.odd.domain.segments import SegmentIndex, Segments
from geofence.roads.domain.graph import RoadGraph


@dataclass(frozen=True)
class InForce:
    """Which areas of each layer count during a stretch of time."""

    service: Bool
    forbidden: Bool
    slow: Bool

    @property
    def key(self) -> str:
        """A short name of this selection."""
        flags = np.concatenate([self.service, self.forbidden, self.slow])
        return hashlib.sha256(np.packbits(flags).tobytes()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class EdgeRules:
    """For each of E edges: `allowed` when the whole edge is; `speed_cap_mps`, infinity without a slow zone."""

    allowed: Bool
    speed_cap_mps: F8


def in_force(odd: CompiledOdd, since: At, until: At) -> InForce:
    """Return what to reckon with from `since` to `until`: service areas open throughout, others open at any time."""
    a, b = float(unix_s(since)), float(unix_s(until))

    def sometime(layer: Layer) -> Bool:
        return np.array([active_sometime(area, a, b) for area in layer.areas], dtype=np.bool_)

    service = np.array([active_throughout(area, a, b) for area in odd.service.areas], dtype=np.bool_)
    return InForce(service, sometime(odd.forbidden), sometime(odd.slow))


def edge_rules(odd: CompiledOdd, graph: RoadGraph, counting: InForce) -> EdgeRules:
    """Return what the areas `counting` mean for the edges of `graph`; one that leaves the domain anywhere is out."""
    segments, edge = _segments(graph)
    allowed = np.ones(graph.edge_count, dtype=np.bool_)
    allowed[edge[~_covered(odd.service_index, segments, counting.service)]] = False
    hit, _ = _touching(odd.forbidden_index, segments, counting.forbidden)
    allowed[edge[hit]] = False
    caps = np.full(graph.edge_count, np.inf)
    hit, area = _touching(odd.slow_index, segments, counting.slow)
    speeds = np.array([a.max_speed_mps or np.inf for a in odd.slow.areas], dtype=np.float64)
    if len(hit):
        np.minimum.at(caps, edge[hit], speeds[area])
    return EdgeRules(allowed, caps)


def _segments(graph: RoadGraph) -> tuple[Segments, I8]:
    edge = np.repeat(np.arange(graph.edge_count), np.diff(graph.geom_offset))
    first = np.flatnonzero(edge[:-1] == edge[1:])
    never = np.full(len(first), np.nan)
    return Segments(graph.geom_lonlat[first], graph.geom_lonlat[first + 1], never, never), edge[first]


def _covered(index: SegmentIndex, segments: Segments, counting: Bool) -> Bool:
    """Tell for each segment whether the counting areas cover it."""
    covered = np.ones(len(segments), dtype=np.bool_)
    undecided = index.undecided_inside(segments)
    covered[undecided] = False
    some = segments.take(undecided)
    segment, area = index.touching(some)
    segment, area = segment[counting[area]], area[counting[area]]
    whole = index.covering(some, segment, area)
    covered[undecided[segment[whole]]] = True
    # What is left and touches two areas or more may still be covered by them together.
    shared = np.flatnonzero((np.bincount(segment, minlength=len(some)) > 1) & ~covered[undecided])
    pair = np.isin(segment, shared)
    if pair.any():
        parts = index.parts(some, segment[pair], area[pair])
        lengths = some.lengths_m()
        for s in shared:
            covered[undecided[s]] = not gaps_of(parts, np.flatnonzero(parts.segment == s), float(lengths[s]))
    return covered


def _touching(index: SegmentIndex, segments: Segments, counting: Bool) -> tuple[I8, I8]:
    """Pairs (segment, area) of segments and counting areas that have a point in common."""
    undecided = index.undecided_outside(segments)
    segment, area = index.touching(segments.take(undecided))
    kept = counting[area]
    return undecided[segment[kept]], area[kept]
