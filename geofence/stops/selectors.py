"""Reading stopping places: those near a point that a car may use now."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from django.conf import settings

from geofence.base.errors import NotFound
from geofence.odd import selectors as odd_selectors
from geofence.odd.domain.compiled import CompiledOdd
from geofence.roads import selectors as roads
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition
from geofence.stops.domain.places import Places, Side
from geofence.stops.domain.walking import WALK_MPS, WalkingMap
from geofence.stops.models import StoppingPlace

MAPS_KEPT: Final = 3


@dataclass(frozen=True)
class StopChoice:
    """A place to meet: the kerb at `lon`, `lat`, the car at `position`, so far on foot from where one asked."""

    id: UUID
    lon: float
    lat: float
    position: RoadPosition
    name: str
    walk_m: float
    walk_s: float


@dataclass(frozen=True, eq=False)
class _Stops:
    ids: tuple[UUID, ...]
    names: tuple[str, ...]
    walking: WalkingMap


_stops: OrderedDict[tuple[UUID, str], _Stops] = OrderedDict()
_lock = threading.Lock()


def near(
    lon: float,
    lat: float,
    *,
    at: datetime,
    limit: int = 5,
    max_walk_m: float = 500.0,
    network: Network | None = None,
    odd: CompiledOdd | None = None,
) -> list[StopChoice]:
    """Return up to `limit` places where a car may stop at `at`, within `max_walk_m` on foot, nearest first.

    A place counts when stopping is allowed at its kerb and its whole road edge may be driven. The list is empty when
    there is none, or when the point is no position. Raises `NoNetwork` when no city has been imported.
    """
    net, domain = network or roads.network(), odd or odd_selectors.current()
    if not (abs(lon) <= 180 and abs(lat) <= 90) or limit < 1:
        return []
    stops = _stops_of(net)
    index, metres = stops.walking.distances(lon, lat, max_walk_m)
    places = stops.walking.places
    legal = domain.check_stops(places.lon[index], places.lat[index], at.timestamp())
    legal &= odd_selectors.edge_mask(net, at, odd=domain)[places.edge[index]]
    chosen = np.flatnonzero(legal)[:limit]
    return [_choice(stops, int(index[k]), float(metres[k])) for k in chosen]


def place(stop_id: UUID) -> StopChoice:
    """Return one stopping place of the active network, with no walk; raises `NotFound`."""
    row = StoppingPlace.objects.filter(id=stop_id, map_digest=roads.network().digest).first()
    if row is None:
        raise NotFound("There is no such stopping place.", code="stop_not_found", field="stop_id")
    position = RoadPosition(row.edge, row.offset_cm / 100)
    return StopChoice(row.id, row.kerb.x, row.kerb.y, position, row.name, 0.0, 0.0)


def all_places(*, at: datetime, network: Network | None = None, odd: CompiledOdd | None = None) -> list[StopChoice]:
    """Return every place where a car may stop at `at`, in no order that matters, with no walk."""
    net, domain = network or roads.network(), odd or odd_selectors.current()
    stops = _stops_of(net)
    places = stops.walking.places
    legal = domain.check_stops(places.lon, places.lat, at.timestamp())
    legal &= odd_selectors.edge_mask(net, at, odd=domain)[places.edge]
    return [_choice(stops, int(k), 0.0) for k in np.flatnonzero(legal)]


def driving_side() -> Side:
    """Return the side of the road that traffic keeps to (setting `HANSOM_DRIVING_SIDE`, right where it is not set)."""
    return "left" if getattr(settings, "HANSOM_DRIVING_SIDE", "right") == "left" else "right"


def _choice(stops: _Stops, k: int, metres: float) -> StopChoice:
    places = stops.walking.places
    position = RoadPosition(int(places.edge[k]), float(places.offset_m[k]))
    lon, lat = float(places.lon[k]), float(places.lat[k])
    return StopChoice(stops.ids[k], lon, lat, position, stops.names[k], metres, metres / WALK_MPS)


def _stops_of(network: Network) -> _Stops:
    key = network.id, network.digest
    with _lock:
        found = _stops.get(key) or _load(network)
        if found.ids:  # none yet may mean that they are being made
            _stops[key] = found
            _stops.move_to_end(key)
        while len(_stops) > MAPS_KEPT:
            _stops.popitem(last=False)
        return found


def _load(network: Network) -> _Stops:
    rows = StoppingPlace.objects.filter(network_id=network.id, map_digest=network.digest)
    found = list(rows.order_by("edge", "offset_cm").values_list("id", "name", "edge", "offset_cm", "kerb"))
    places = Places(
        np.array([row[2] for row in found], dtype=np.int64),
        np.array([row[3] for row in found], dtype=np.float64) / 100,
        np.array([row[4].x for row in found], dtype=np.float64),
        np.array([row[4].y for row in found], dtype=np.float64),
    )
    return _Stops(tuple(row[0] for row in found), tuple(row[1] for row in found), WalkingMap(network.graph, places))
