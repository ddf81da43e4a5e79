"""The only writers of road networks: importing a city, choosing the active one, live speeds."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from geofence.base.errors import NotFound, Refusal
from geofence.roads import rows, selectors
from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.mapfile import to_bytes, write_atomically
from geofence.roads.domain.network import Network
from geofence.roads.domain.osm.assemble import assemble
from geofence.roads.domain.osm.extract import Area, Extract, ExtractError, Progress, read_extract
from geofence.roads.domain.routers.metric import LONGEST_EDGE_MS
from geofence.roads.domain.subgraph import Dropped, largest_connected
from geofence.roads.models import MapFeature, RoadEdge, RoadNetwork, SpeedFactor

FACTOR_RANGE = (0.05, 2.0)
_callbacks: list[Callable[[Network], object]] = []


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import brought in, and what it left out and why."""

    slug: str
    name: str
    digest: str
    active: bool
    junctions: int
    edges: int
    road_km: float
    signals: int
    crossings: int
    turn_restrictions: int
    dropped_edges: int
    dropped_km: float
    dropped_parts: int
    dropped_names: tuple[str, ...]
    areas: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    duration_s: float = 0.0


def on_import(callback: Callable[[Network], object]) -> None:
    """Have `callback(network)` called inside the transaction of every import, to rebuild what hangs on the edges."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def import_extract(
    path: Path | str, *, slug: str, name: str, activate: bool = True, progress: Progress | None = None
) -> ImportReport:
    """Read an OpenStreetMap extract, keep the largest connected network, store it, and make it the active one.

    A network of the same slug is replaced. `progress(stage, done, total or None)`. Raises ExtractError when the file
    gives no network; then nothing has changed.
    """
    started = time.monotonic()
    tell = progress or (lambda stage, done, total: None)
    extract = read_extract(Path(path), tell)
    tell("graph", 0, 1)
    graph, dropped = largest_connected(assemble(extract))
    _check_usable(graph, Path(path).name)
    tell("graph", 1, 1)
    report = _report(graph, dropped, extract, slug=slug, name=name, active=activate)
    _store(graph, extract.areas, report, tell)
    selectors.network_or_none(fresh=True)
    return _finished(report, time.monotonic() - started)


def _check_usable(graph: RoadGraph, name: str) -> None:
    if graph.edge_count < 2:
        raise ExtractError(f"{name}: no two roads hang together")
    if not float(graph.edge_length_m.sum()) > 0:
        raise ExtractError(f"{name}: its roads have no length")
    drive_ms = _drive_ms(graph)
    if float(drive_ms.max()) >= LONGEST_EDGE_MS:
        way = int(graph.edge_way_id[int(drive_ms.argmax())])
        raise ExtractError(f"{name}: way {way} takes more than an hour without a junction")


def _drive_ms(graph: RoadGraph) -> NDArray[np.float64]:
    return np.asarray(1000 * graph.edge_length_m / graph.edge_speed_mps)


@transaction.atomic
def _store(graph: RoadGraph, areas: list[Area], report: ImportReport, tell: Progress) -> None:
    compiled = to_bytes(graph, areas)
    if report.active:
        RoadNetwork.objects.filter(active=True).exclude(slug=report.slug).update(active=False)
    row, _ = RoadNetwork.objects.update_or_create(
        slug=report.slug,
        defaults={
            "name": report.name,
            "digest": graph.digest,
            "compiled": compiled,
            "stats": asdict(report),
            "bounds": Polygon.from_bbox(graph.bbox),
            "imported_at": timezone.now(),
            **({"active": True} if report.active else {}),
        },
    )
    RoadEdge.objects.filter(network=row).delete()
    MapFeature.objects.filter(network=row).delete()
    SpeedFactor.objects.filter(network=row).delete()
    edges = rows.edge_rows(row.id, graph)
    _copy(RoadEdge._meta.db_table, rows.EDGE_COLUMNS, edges, lambda done: tell("edges", done, graph.edge_count))
    features, total = rows.feature_rows(row.id, graph, areas), len(areas) + report.signals
    _copy(MapFeature._meta.db_table, rows.FEATURE_COLUMNS, features, lambda done: tell("features", done, total))
    write_atomically(selectors.map_path(graph.digest), compiled)
    network = selectors.compile_network(row)
    for number, callback in enumerate(_callbacks, start=1):
        callback(network)
        tell("dependants", number, len(_callbacks))
    if row.active:
        transaction.on_commit(lambda: write_atomically(settings.HANSOM_MAP_DIR / "current.npz", compiled))


def _copy(table: str, columns: Iterable[str], values: Iterable[rows.Row], tell: Callable[[int], None]) -> None:
    quoted = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
        for count, row in enumerate(values):
            copy.write_row(row)
            if count % 5_000 == 0:
                tell(count)


def _report(
    graph: RoadGraph, dropped: Dropped, extract: Extract, *, slug: str, name: str, active: bool
) -> ImportReport:
    return ImportReport(
        slug=slug,
        name=name,
        digest=graph.digest,
        active=active,
        junctions=graph.node_count,
        edges=graph.edge_count,
        road_km=round(float(graph.edge_length_m.sum()) / 1000, 3),
        signals=int(graph.node_signal.sum()),
        crossings=len(graph.crossing_edge),
        turn_restrictions=len(graph.turn_forbidden),
        dropped_edges=dropped.edges,
        dropped_km=round(dropped.length_m / 1000, 3),
        dropped_parts=dropped.parts,
        dropped_names=dropped.names,
        areas=len(extract.areas),
        left_out={reason: count for reason, count in sorted(extract.left_out.items()) if count},
    )


def _finished(report: ImportReport, duration_s: float) -> ImportReport:
    return ImportReport(**{**asdict(report), "duration_s": round(duration_s, 2)})


@transaction.atomic
def activate(*, slug: str) -> None:
    """Make an imported city the active one. Raises NotFound for an unknown slug."""
    row = RoadNetwork.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotFound(f"No network has the slug {slug!r}.", field="slug")
    RoadNetwork.objects.filter(active=True).exclude(id=row.id).update(active=False)
    RoadNetwork.objects.filter(id=row.id).update(active=True)
    compiled = bytes(row.compiled)
    transaction.on_commit(lambda: write_atomically(settings.HANSOM_MAP_DIR / "current.npz", compiled))


def export_map(*, out: Path) -> str:
    """Write the active network as cars read it; returns its digest. Raises NoNetwork."""
    compiled, digest = selectors.compiled_map()
    write_atomically(out, compiled)
    return digest


@transaction.atomic
def set_speed_factors(
    *,
    edges: Mapping[int, float] | None = None,
    ways: Mapping[int, float] | None = None,
    expires_at: datetime,
    source: str,
) -> int:
    """Let edges (by index) and ways (by OpenStreetMap id) be driven at a factor of their speed until `expires_at`.

    The newest factor of an edge counts; 1.0 takes an older one back. Returns the number of rows written. Raises
    NoNetwork, and Refusal for an unknown edge or way, a factor outside `FACTOR_RANGE`, or an expiry that is past.
    """
    network = selectors.network(fresh=True)
    now = timezone.now()
    if expires_at <= now:
        raise Refusal("already_expired", "The expiry lies in the past.", field="expires_at")
    edges, ways = dict(edges or {}), dict(ways or {})
    _check_factors(network.graph, edges, ways)
    common = {
        "network_id": network.id,
        "map_digest": network.digest,
        "source": source,
        "created_at": now,
        "expires_at": expires_at,
    }
    made = [SpeedFactor(way_id=way, factor=factor, **common) for way, factor in ways.items()]
    made += [SpeedFactor(edge=edge, factor=factor, **common) for edge, factor in edges.items()]
    return len(SpeedFactor.objects.bulk_create(made))


def _check_factors(graph: RoadGraph, edges: Mapping[int, float], ways: Mapping[int, float]) -> None:
    for edge in edges:
        if not 0 <= edge < graph.edge_count:
            raise Refusal("unknown_edge", f"The map has no edge {edge}.", field="edges")
    known = set(graph.edge_way_id.tolist())
    for way in ways:
        if way not in known:
            raise Refusal("unknown_way", f"The map has no way {way}.", field="ways")
    for name, factors in (("edges", edges), ("ways", ways)):
        low, high = FACTOR_RANGE
        if not all(math.isfinite(factor) and low <= factor <= high for factor in factors.values()):
            raise Refusal("factor_out_of_range", f"Speed factors lie between {low} and {high}.", field=name)
    _check_still_routable(graph, edges, ways)


def _check_still_routable(graph: RoadGraph, edges: Mapping[int, float], ways: Mapping[int, float]) -> None:
    """One edge slower than the router can count would take the whole map away from everybody."""
    drive_ms = _drive_ms(graph)
    for name, slowest in (
        ("edges", [drive_ms[edge] / factor for edge, factor in edges.items()]),
        ("ways", [drive_ms[graph.edge_way_id == way].max() / factor for way, factor in ways.items()]),
    ):
        if any(edge_ms >= LONGEST_EDGE_MS for edge_ms in slowest):
            raise Refusal("factor_too_low", "An edge would take more than an hour.", field=name)
