"""The operational design domain as the file that cars carry: which edges of the map, at which times, which conditions.

JSON: format, version, digest, map_digest, edges; masks: a base64 bit for each edge that lies wholly inside, most
significant bit first, and of edges that are cut the parts inside in metres; slices: [from, to) in unix seconds with the
number of the mask that holds then; conditions: the limits of weather and light.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np

from geofence.odd.domain.area import Bool
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.edges import edge_rules, in_force
from geofence.roads.domain.graph import RoadGraph

FORMAT: Final = 1
DAYS: Final = 30
SAMPLE_M: Final = 4.0
DAY_S: Final = 86_400.0
#: What cars of this fleet are approved for; metres, shares of 1, radians of the sun above the horizon.
CONDITIONS: Final[Mapping[str, float]] = {
    "visibility_m": 60.0,
    "near_visibility_m": 150.0,
    "rain": 0.85,
    "near_rain": 0.7,
    "dark_rad": -0.105,
}


def odd_file(odd: CompiledOdd, graph: RoadGraph, now_s: float) -> bytes:
    """The file for `graph`, good for `DAYS` days from the midnight (UTC) before `now_s` on."""
    begin = now_s - now_s % DAY_S
    end = begin + DAYS * DAY_S
    times = [begin, *_changes(odd, begin, end), end]
    masks: list[dict[str, Any]] = []
    known: dict[str, int] = {}
    slices = []
    for since, until in pairwise(times):
        counting = in_force(odd, since, since)
        if counting.key not in known:
            known[counting.key] = len(masks)
            masks.append(_mask(odd, graph, edge_rules(odd, graph, counting).allowed, since))
        slices.append({"from": since, "to": until, "mask": known[counting.key]})
    content = {
        "format": FORMAT,
        "version": odd.version,
        "digest": odd.digest,
        "map_digest": graph.digest,
        "edges": graph.edge_count,
        "masks": masks,
        "slices": slices,
        "conditions": dict(CONDITIONS),
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _changes(odd: CompiledOdd, begin: float, end: float) -> list[float]:
    """When an area with hours begins or ceases to count."""
    found = set()
    for area in odd.areas:
        if area.hours is not None:
            for since, until in area.hours.intervals(begin, end):
                found |= {at for at in (since, until) if begin < at < end}
    return sorted(found)


def _mask(odd: CompiledOdd, graph: RoadGraph, allowed: Bool, at_s: float) -> dict[str, Any]:
    cut = {}
    for edge in _cut_edges(odd, graph, allowed):
        parts = _parts(odd, graph, edge, at_s)
        if parts:
            cut[str(edge)] = parts
    return {"whole": base64.b64encode(np.packbits(allowed).tobytes()).decode(), "cut": cut}


def _cut_edges(odd: CompiledOdd, graph: RoadGraph, allowed: Bool) -> list[int]:
    """Edges that are not wholly inside but touch one that is: only there a car may have to stop on the way."""
    if not odd.has_service_area or allowed.all():
        return []
    ends = np.zeros(int(max(graph.edge_from.max(), graph.edge_to.max())) + 1, dtype=np.bool_)
    ends[graph.edge_from[allowed]] = True
    ends[graph.edge_to[allowed]] = True
    near = ~allowed & (ends[graph.edge_from] | ends[graph.edge_to])
    return [int(edge) for edge in np.flatnonzero(near)]


def _parts(odd: CompiledOdd, graph: RoadGraph, edge: int, at_s: float) -> list[list[float]]:
    """The parts of an edge inside, in metres along it, found every `SAMPLE_M`."""
    line = graph.geom_lonlat[graph.geom_offset[edge] : graph.geom_offset[edge + 1]]
    length = float(graph.edge_length_m[edge])
    scale = np.array([np.cos(np.radians(line[0, 1])), 1.0])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*(np.diff(line, axis=0) * scale).T))])
    count = max(2, round(length / SAMPLE_M) + 1)
    at = np.linspace(0.0, along[-1], count)
    inside = odd.check_points(np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1]), at_s)
    metres = np.linspace(0.0, length, count)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [[round(float(metres[a]), 1), round(float(metres[b - 1]), 1)] for a, b in edges.reshape(-1, 2) if b - a > 1]
