"""The only readers of road networks: the compiled network of this process, the map file, vector tiles."""

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection

from geofence.roads.domain.graph import F8, RoadGraph
from geofence.roads.domain.mapfile import MapFileError, from_bytes, write_atomically
from geofence.roads.domain.network import Network, NoNetwork
from geofence.roads.domain.routers.cch import CchRouter
from geofence.roads.domain.snapping import Snapper
from geofence.roads.models import RoadNetwork, SpeedFactor
from geofence.roads.tiles import tile

__all__ = ["Network", "NoNetwork", "compiled_map", "forget", "map_path", "network", "network_or_none", "tile"]

log = logging.getLogger(__name__)
CHECK_EVERY_S = 0.5
GRAPHS_KEPT = 3

_VERSION = """
SELECT n.id, n.digest, coalesce(max(f.id), 0), count(f.id)
FROM road_network n
LEFT JOIN speed_factor f
  ON f.network_id = n.id AND f.map_digest = n.digest AND f.expires_at > clock_timestamp()
WHERE n.active
GROUP BY n.id, n.digest
"""


@dataclass(frozen=True, slots=True)
class _Base:
    """What depends on the map alone and is kept while speeds change."""

    graph: RoadGraph
    router: CchRouter
    snapper: Snapper


@dataclass(slots=True)
class _Cache:
    network: Network | None = None
    version: tuple[object, ...] | None = None
    checked_at: float = -1e9


_cache = _Cache()
_bases: "OrderedDict[str, _Base]" = OrderedDict()
_lock = threading.RLock()


def network(*, fresh: bool = False) -> Network:
    """The active network at the present speeds, shared by the process.

    Whether there is a newer one is asked of the database at most every half second, or now with `fresh`. Raises
    NoNetwork when no city has been imported.
    """
    found = network_or_none(fresh=fresh)
    if found is None:
        raise NoNetwork
    return found


def network_or_none(*, fresh: bool = False) -> Network | None:
    """`network`, or None when no city has been imported."""
    with _lock:
        if not fresh and time.monotonic() - _cache.checked_at < CHECK_EVERY_S:
            return _cache.network
        version = _present_version()
        if version != _cache.version:
            row = RoadNetwork.objects.filter(active=True).first()
            _cache.network = None if row is None else compile_network(row)
            _cache.version = version
        _cache.checked_at = time.monotonic()
        return _cache.network


def forget() -> None:
    """Drop the process's copy of the network, so that the next reader asks the database."""
    with _lock:
        _cache.network, _cache.version, _cache.checked_at = None, None, -1e9


def _present_version() -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_VERSION)
        found = cursor.fetchone()
    return None if found is None else tuple(found)


def compile_network(row: RoadNetwork) -> Network:
    """A network as `network` gives it, for a row that need not be active."""
    base = _base(row)
    speeds = _live_speeds(row.id, base.graph)
    version = ":".join(map(str, _present_version() or ())) if row.active else f"{row.id}:{row.digest}"
    changed = not np.array_equal(speeds, base.graph.edge_speed_mps)
    return Network(
        id=row.id,
        slug=row.slug,
        name=row.name,
        version=version,
        graph=base.graph,
        router=base.router.customised(speeds) if changed else base.router,
        snapper=base.snapper,
        speeds_mps=speeds,
    )


def _base(row: RoadNetwork) -> _Base:
    with _lock:
        if row.digest not in _bases:
            graph = _load(row)
            right_hand = getattr(settings, "HANSOM_DRIVING_SIDE", "right") != "left"
            _bases[row.digest] = _Base(graph, CchRouter.build(graph), Snapper(graph, right_hand=right_hand))
            while len(_bases) > GRAPHS_KEPT:
                _bases.popitem(last=False)
        _bases.move_to_end(row.digest)
        return _bases[row.digest]


def map_path(digest: str) -> Path:
    """Where this machine keeps the map of a digest."""
    return Path(settings.HANSOM_MAP_DIR) / f"{digest}.npz"


def _load(row: RoadNetwork) -> RoadGraph:
    """From the map file; when it is missing or damaged, from the database, and the file is written again."""
    path = map_path(row.digest)
    try:
        graph = from_bytes(path.read_bytes())
        if graph.digest == row.digest:
            return graph
        log.warning("map file %s holds another map; taking the database's", path)
    except FileNotFoundError:
        log.info("map file %s is missing; taking the database's", path)
    except MapFileError as error:
        log.warning("map file %s: %s; taking the database's", path, error)
    compiled = bytes(row.compiled)
    write_atomically(path, compiled)
    return from_bytes(compiled)


def _live_speeds(network_id: UUID, graph: RoadGraph) -> F8:
    """Metres a second of every edge [E] with the live factors applied, the newest last."""
    factors = np.ones(graph.edge_count)
    live = SpeedFactor.objects.filter(network_id=network_id, map_digest=graph.digest)
    live = live.extra(where=["expires_at > clock_timestamp()"]).order_by("id")
    for edge, way, factor in live.values_list("edge", "way_id", "factor"):
        factors[graph.edge_way_id == way if edge is None else edge] = factor
    return graph.edge_speed_mps * factors


def compiled_map() -> tuple[bytes, str]:
    """The active network's map file and its digest. Raises NoNetwork."""
    row = RoadNetwork.objects.filter(active=True).values_list("compiled", "digest").first()
    if row is None:
        raise NoNetwork
    return bytes(row[0]), str(row[1])
