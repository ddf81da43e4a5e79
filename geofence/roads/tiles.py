"""Vector tiles of the base map (Mapbox Vector Tile 2.1), made by PostGIS and kept in memory for a while."""

import threading
from collections import OrderedDict
from typing import Any
from uuid import UUID

from django.db import connection

from geofence.base.errors import NotFound
from geofence.roads.domain.graph import RoadClass

MAX_ZOOM = 18
TILES_KEPT = 4_096

# From this zoom on a class of road is worth drawing.
_FROM_ZOOM = {
    RoadClass.MOTORWAY: 5,
    RoadClass.TRUNK: 6,
    RoadClass.PRIMARY: 8,
    RoadClass.SECONDARY: 9,
    RoadClass.TERTIARY: 11,
    RoadClass.UNCLASSIFIED: 12,
    RoadClass.RESIDENTIAL: 12,
    RoadClass.LIVING_STREET: 13,
    RoadClass.SERVICE: 14,
}
_AREAS_FROM_ZOOM = {"water": 8, "park": 11, "building": 14}
_SIGNALS_FROM_ZOOM = 14
_CLASS_NAMES = "ARRAY[" + ", ".join(f"'{road.name.lower()}'" for road in RoadClass) + "]"

_BOUNDS = """
WITH bounds AS (
  SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
         ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.03125), 4326) AS reach
)
"""
_ROADS = f"""{_BOUNDS}, rows AS (
  SELECT ({_CLASS_NAMES})[e.road_class + 1] AS class, e.name, e.oneway, e.bridge, e.tunnel, e.link,
         ST_AsMVTGeom(ST_Transform(e.geom, 3857), bounds.tile, 4096, 128) AS geom
  FROM road_edge e, bounds
  WHERE e.network_id = %(network)s AND e.drawn AND e.road_class <= %(worst)s AND e.geom && bounds.reach
  ORDER BY e.road_class DESC, e.index
)
SELECT ST_AsMVT(rows, 'roads', 4096, 'geom') FROM rows WHERE geom IS NOT NULL
"""  # noqa: S608 - made of this module's constants only
_FEATURES = f"""{_BOUNDS}, rows AS (
  SELECT f.name, ST_AsMVTGeom(ST_Transform(f.geom, 3857), bounds.tile, 4096, 128) AS geom
  FROM map_feature f, bounds
  WHERE f.network_id = %(network)s AND f.kind = %(kind)s AND f.geom && bounds.reach
)
SELECT ST_AsMVT(rows, %(layer)s, 4096, 'geom') FROM rows WHERE geom IS NOT NULL
"""  # noqa: S608 - made of this module's constants only

_kept: "OrderedDict[tuple[UUID, str, int, int, int], bytes]" = OrderedDict()
_lock = threading.Lock()


def tile(z: int, x: int, y: int) -> bytes:
    """The tile of the active network: layers `roads` (class, name, oneway, bridge, tunnel, link), `water`, `park`,
    `building` (name) and `signals`. Empty bytes when nothing is there or no city has been imported.

    Raises NotFound for numbers that name no tile.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(f"There is no tile {z}/{x}/{y}; zooms go to {MAX_ZOOM}.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, digest FROM road_network WHERE active")
        active = cursor.fetchone()
    if active is None:
        return b""
    key = (active[0], str(active[1]), z, x, y)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _make(active[0], z, x, y)
    with _lock:
        _kept[key] = made
        while len(_kept) > TILES_KEPT:
            _kept.popitem(last=False)
    return made


def _make(network_id: UUID, z: int, x: int, y: int) -> bytes:
    place: dict[str, Any] = {"z": z, "x": x, "y": y, "network": network_id}
    layers = []
    with connection.cursor() as cursor:
        for kind, zoom in _AREAS_FROM_ZOOM.items():
            if z >= zoom:
                cursor.execute(_FEATURES, {**place, "kind": kind, "layer": kind})
                layers.append(bytes(cursor.fetchone()[0]))
        drawn = [road for road, zoom in _FROM_ZOOM.items() if z >= zoom]
        if drawn:
            cursor.execute(_ROADS, {**place, "worst": int(max(drawn))})
            layers.append(bytes(cursor.fetchone()[0]))
        if z >= _SIGNALS_FROM_ZOOM:
            cursor.execute(_FEATURES, {**place, "kind": "signal", "layer": "signals"})
            layers.append(bytes(cursor.fetchone()[0]))
    return b"".join(layers)
