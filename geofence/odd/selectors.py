"""Reading the operational design domain: what is in force, compiled once a process and version."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final

from geofence.odd.domain.area import Area, At, Bool, unix_s
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.edges import EdgeRules, in_force
from geofence.odd.domain.planner import RoutePlanner, RulesCache
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition, Route
from geofence.roads.selectors import network as active_network
from geofence.zones import selectors as zones
from geofence.zones.domain.digest import ZoneContent
from geofence.zones.domain.kinds import ZoneKind
from geofence.zones.domain.params import parse_params

VERSIONS_KEPT: Final = 8
_compiled: OrderedDict[tuple[int, str], CompiledOdd] = OrderedDict()
_lock = threading.Lock()
_rules = RulesCache()


def current() -> CompiledOdd:
    """Return the version in force. Asks the database for its number on every call, so a change counts at once."""
    return _version(*zones.latest_version())


def version(number: int) -> CompiledOdd:
    """Return any version that ever was in force; raises `NotFound`."""
    row = zones.version(number)
    return _version(row.number, row.digest)


def rules(network: Network, at: At, *, odd: CompiledOdd | None = None) -> EdgeRules:
    """Return which edges of `network` may be driven at `at`, and how fast, under `odd` (the version in force)."""
    domain = odd or current()
    time_s = float(unix_s(at))
    return _rules.get(domain, network.graph, in_force(domain, time_s, time_s))[1]


def edge_mask(network: Network, at: At, *, odd: CompiledOdd | None = None) -> Bool:
    """Return for each edge [E] whether the whole of it may be driven at `at`."""
    return rules(network, at, odd=odd).allowed


def planner(at: datetime, *, network: Network | None = None, odd: CompiledOdd | None = None) -> RoutePlanner:
    """Return a planner of drives that begin at `at`, on the active network under the version in force.

    Raises `NoNetwork` when no city has been imported.
    """
    return RoutePlanner(network or active_network(), odd or current(), at, _rules)


def plan_route(origin: RoadPosition, destination: RoadPosition, *, at: datetime) -> Route:
    """Return the fastest allowed drive that begins at `at`.

    Raises `Refusal` with code `no_service_area`, `no_route`, or `outside_odd` (with reasons and places).
    """
    return planner(at).route(origin, destination)


def _version(number: int, digest: str) -> CompiledOdd:
    with _lock:
        # One thread compiles while the others wait: they need the same answer.
        if (number, digest) not in _compiled:
            contents = zones.contents_at(number) if number else []
            _compiled[number, digest] = CompiledOdd(number, digest, map(_area, contents))
            while len(_compiled) > VERSIONS_KEPT:
                _compiled.popitem(last=False)
        _compiled.move_to_end((number, digest))
        return _compiled[number, digest]


def _area(content: ZoneContent) -> Area:
    kind = ZoneKind(content.kind)
    params = parse_params(kind, content.params)
    return Area(content.id, kind, content.name, content.polygon, params.hours, params.max_speed_mps)
