"""Routes that stay in the domain: drawn on allowed edges, then checked metre by metre."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from geofence.base.errors import Refusal, Unprocessable
from geofence.odd.domain.area import F8
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.edges import EdgeRules, InForce, edge_rules, in_force
from geofence.odd.domain.verdict import SENTENCES, Reason, RouteVerdict
from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition, Route, Router

RULES_KEPT: Final = 16
# When hours decide, the second try reckons with all zones that open until long after the arrival.
HORIZON_FACTOR: Final = 2.0
HORIZON_EXTRA_S: Final = 600.0


class RulesCache:
    """Edge rules of the last few domains and maps; safe to share between threads."""

    def __init__(self) -> None:
        self._rules: OrderedDict[str, EdgeRules] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, odd: CompiledOdd, graph: RoadGraph, counting: InForce) -> tuple[str, EdgeRules]:
        """Return the rules and a key that names them."""
        key = f"{graph.digest}:{odd.digest}:{odd.version}:{counting.key}"
        with self._lock:
            if key in self._rules:
                self._rules.move_to_end(key)
                return key, self._rules[key]
        rules = edge_rules(odd, graph, counting)
        with self._lock:
            self._rules[key] = rules
            while len(self._rules) > RULES_KEPT:
                self._rules.popitem(last=False)
        return key, rules


class RoutePlanner:
    """Plans drives that begin at `at`, on one network under one version of the domain (`odd`).

    `rules` tells which edges are open at `at`. Edges that leave the domain anywhere are not used, but for the first and
    the last of a drive, of which only the driven part has to lie within.
    """

    def __init__(self, network: Network, odd: CompiledOdd, at: datetime, cache: RulesCache) -> None:
        self.network = network
        self.odd = odd
        self.at = at
        self._cache = cache
        self._at_s = at.timestamp()
        self._key, self.rules = cache.get(odd, network.graph, in_force(odd, self._at_s, self._at_s))
        self._router = self._router_of(self._key, self.rules)

    def route(self, origin: RoadPosition, destination: RoadPosition) -> Route:
        """Return the fastest allowed drive. Raises `Refusal` `outside_odd` (with `violations`) or `no_route`."""
        if not self.odd.has_service_area:
            raise Unprocessable("no_service_area", SENTENCES[Reason.NO_SERVICE_AREA])
        route = self._router.route(origin, destination) or self._from_cut_edges(origin, destination)
        if route is None:
            raise self._why_none(origin, destination)
        verdict = self.check(route)
        if verdict.allowed:
            return route
        later = self._around_later_zones(origin, destination, route.duration_s)
        if later is None:
            raise outside_odd(verdict)
        return later

    def check(self, route: Route) -> RouteVerdict:
        """Check every metre of `route`, begun at `at`."""
        return self.odd.check_route(route.lonlat, self._at_s + route.time_s)

    def travel_times(self, origins: Sequence[RoadPosition], destinations: Sequence[RoadPosition]) -> F8:
        """Return seconds [origins, destinations] on allowed edges, infinity where there is no allowed way.

        The hours of zones are taken as they are at `at`; `route` checks them for the time of each metre.
        """
        return self._router.travel_times(origins, destinations)

    def speed_caps(self, route: Route) -> tuple[tuple[int, float], ...]:
        """Return the slow zones on `route`, begun at `at`, as (index in `route.edges`, m/s), rising.

        Only edges where a zone asks for less than the map does. A zone with hours counts for the whole drive when it is
        in force at any time of it, a late arrival included: a car that is told once must never be too fast.
        """
        _, rules = self._rules_until(route.duration_s)
        edges = list(route.edges)
        caps = rules.speed_cap_mps[edges]
        slower = np.flatnonzero(caps < self.network.graph.edge_speed_mps[edges])
        return tuple((int(index), float(caps[index])) for index in slower)

    def _from_cut_edges(self, origin: RoadPosition, destination: RoadPosition) -> Route | None:
        """A drive that begins or ends on an edge that is only partly allowed; rare, so its router is not kept."""
        ends = [origin.edge, destination.edge]
        if self.rules.allowed[ends].all():
            return None
        allowed = self.rules.allowed.copy()
        allowed[ends] = True
        speeds = np.minimum(self.network.speeds_mps, self.rules.speed_cap_mps)
        route = self.network.router.customised(speeds, allowed).route(origin, destination)
        return route if route is not None and self.check(route).allowed else None

    def _around_later_zones(self, origin: RoadPosition, destination: RoadPosition, duration_s: float) -> Route | None:
        key, rules = self._rules_until(duration_s)
        if key == self._key:
            return None
        route = self._router_of(key, rules).route(origin, destination)
        return route if route is not None and self.check(route).allowed else None

    def _rules_until(self, duration_s: float) -> tuple[str, EdgeRules]:
        until = self._at_s + HORIZON_FACTOR * duration_s + HORIZON_EXTRA_S
        return self._cache.get(self.odd, self.network.graph, in_force(self.odd, self._at_s, until))

    def _why_none(self, origin: RoadPosition, destination: RoadPosition) -> Refusal:
        """The reasons on the way that one would drive without the domain, or that there is no way at all."""
        unbound = self.network.router.route(origin, destination)
        if unbound is None:
            return Unprocessable("no_route", "No road leads from the one place to the other.")
        verdict = self.check(unbound)
        if not verdict.allowed:
            return outside_odd(verdict)
        return Unprocessable("no_route", "No allowed road leads from the one place to the other.")

    def _router_of(self, key: str, rules: EdgeRules) -> Router:
        return self.network.router_for(key, rules.allowed, rules.speed_cap_mps)


def outside_odd(verdict: RouteVerdict) -> Refusal:
    """Return the refusal of a route that leaves the domain, with all reasons and places."""
    first = verdict.violations[0]
    where = f" after {first.from_m:.0f} m, at {first.lon:.5f}, {first.lat:.5f}"
    name = f" ({first.zone_name})" if first.zone_name else ""
    return Unprocessable(
        "outside_odd",
        f"The way leaves the area where cars may drive{where}. {SENTENCES[first.reason]}{name}",
        extra={
            "odd_version": verdict.version,
            "reasons": sorted({v.reason.value for v in verdict.violations}),
            "violations": [v.as_json() for v in verdict.violations],
        },
    )
