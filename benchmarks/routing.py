"""One route, many-to-many travel times, and a change of all speeds: the hierarchy against Dijkstra, in one run.

make bench NAME=routing
make bench NAME=routing ARGS="--junctions 2000 --size 1000"
"""

import argparse
import csv
import gzip
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks import report
from geofence.roads.domain.city.plan import plan_city
from geofence.roads.domain.city.write import write_city
from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.osm.assemble import assemble
from geofence.roads.domain.osm.extract import read_extract
from geofence.roads.domain.projection import LocalProjection
from geofence.roads.domain.router import RoadPosition, Router
from geofence.roads.domain.routers.cch import CchRouter
from geofence.roads.domain.routers.dijkstra import DijkstraRouter
from geofence.roads.domain.snapping import Snapper
from geofence.roads.domain.subgraph import largest_connected
from geofence.roads.domain.turns import turn_table

Result = TypeVar("Result")
ROOT = Path(__file__).resolve().parent.parent
ROUTES, SLOW_ROUTES, SNAPS = 2_000, 60, 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--junctions", type=int, default=2000, help="size of the demo city (default 2000)")
    parser.add_argument("--size", type=int, default=1000, help="side of the table of travel times (default 1000)")
    options = parser.parse_args()
    figures: dict[str, report.Figure] = {}
    for name, graph in _networks(options.junctions):
        print(f"{name}: {graph.node_count:,} junctions, {graph.edge_count:,} edges", flush=True)
        figures |= {f"{name}_{key}": value for key, value in measure(graph, options.size).items()}
    notes = (
        "Turn-aware routing: nodes of the search are directed edges. `cch` is the customizable contraction hierarchy, "
        "`dijkstra` is scipy's on the same weights, which are whole milliseconds; `equal` says whether all their "
        "answers are the same. Times are CPU seconds of one process, except p50 and p99, which are wall time of one "
        "call. `route` gives geometry, times and the turn list; positions lie anywhere on random edges. Manhattan is "
        "measured where the data is at hand (HANSOM_SHARED): times of its edges are data, its turns are free."
    )
    data, page = report.write("routing", figures, notes)
    print(f"{data}\n{page}")


def measure(graph: RoadGraph, size: int) -> dict[str, report.Figure]:
    """All figures of one network."""
    rng = np.random.default_rng(1)
    out: dict[str, report.Figure] = {"junctions": graph.node_count, "edges": graph.edge_count}
    turn_table.cache_clear()
    out["turns"], out["turn_table_s"] = _timed(lambda: len(turn_table(graph).from_edge))
    fast, out["cch_build_s"] = _timed(lambda: CchRouter.build(graph).customised())
    slow, out["dijkstra_build_s"] = _timed(lambda: DijkstraRouter.build(graph).customised())
    speeds = graph.edge_speed_mps * rng.uniform(0.3, 1.0, graph.edge_count)
    _, out["cch_all_speeds_changed_s"] = _timed(lambda: fast.customised(speeds))
    _, out["cch_mask_changed_s"] = _timed(lambda: fast.customised(None, rng.random(graph.edge_count) < 0.9))
    starts, ends = _positions(graph, rng, ROUTES), _positions(graph, rng, ROUTES)
    for name, router, count in (("cch", fast, ROUTES), ("dijkstra", slow, SLOW_ROUTES)):
        out[f"{name}_route_p50_us"], out[f"{name}_route_p99_us"] = _each(router, starts[:count], ends[:count])
    origins, destinations = starts[:size], ends[:size]
    quick, out[f"cch_{size}x{size}_s"] = _timed(lambda: fast.travel_times(origins, destinations))
    exact, out[f"dijkstra_{size}x{size}_s"] = _timed(lambda: slow.travel_times(origins, destinations))
    out["equal"] = "yes" if (quick == exact).all() else "NO"
    out["reached_share"] = float(np.isfinite(quick).mean())
    _, out[f"cch_{size}_to_1_s"] = _timed(lambda: fast.travel_times(origins, destinations[:1]))
    _, out[f"dijkstra_{size}_to_1_s"] = _timed(lambda: slow.travel_times(origins, destinations[:1]))
    snapper, out["snapper_build_s"] = _timed(lambda: Snapper(graph))
    west, south, east, north = graph.bbox
    lon, lat = rng.uniform(west, east, SNAPS), rng.uniform(south, north, SNAPS)
    _, seconds = _timed(lambda: snapper.snap_many(lon, lat, max_distance_m=150))
    out["snap_many_points_per_s"] = round(SNAPS / seconds)
    return out


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = time.process_time()
    result = work()
    return result, round(time.process_time() - started, 6)


def _each(router: Router, starts: list[RoadPosition], ends: list[RoadPosition]) -> tuple[float, float]:
    """Median and 99th percentile of one call, microseconds."""
    router.route(starts[0], ends[0])
    took = []
    for origin, destination in zip(starts, ends, strict=True):
        started = time.perf_counter_ns()
        router.route(origin, destination)
        took.append((time.perf_counter_ns() - started) / 1000)
    p50, p99 = np.percentile(took, [50, 99])
    return round(float(p50), 1), round(float(p99), 1)


def _positions(graph: RoadGraph, rng: np.random.Generator, count: int) -> list[RoadPosition]:
    chosen = rng.integers(0, graph.edge_count, count)
    return [RoadPosition(int(edge), float(rng.random() * graph.edge_length_m[edge])) for edge in chosen]


def _networks(junctions: int) -> Iterator[tuple[str, RoadGraph]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.osm.pbf"
        write_city(plan_city(junctions=junctions, seed=7), path)
        extract = read_extract(path, lambda stage, done, total: None)
    yield "demo", largest_connected(assemble(extract))[0]
    shared = Path(os.environ.get("HANSOM_SHARED", ROOT.parent / "shared")) / "data" / "manhattan"
    if (shared / "manhattan_ors_edges.csv.gz").exists():
        yield "manhattan", manhattan(shared)
    else:
        print("manhattan: not at hand, left out")


def manhattan(folder: Path) -> RoadGraph:
    """OpenRidepoolSimulator's Manhattan (MIT): straight edges, whose speeds give the data's travel times."""
    nodes = {int(ident): (float(lat), float(lon)) for ident, lat, lon in _rows(folder / "manhattan_ors_nodes.csv.gz")}
    edges = [(int(a), int(b), float(s)) for a, b, s in _rows(folder / "manhattan_ors_edges.csv.gz") if a != b]
    number = {ident: index for index, ident in enumerate(nodes)}
    lat, lon = np.array(list(nodes.values())).T
    plane = LocalProjection(float(lon.mean()), float(lat.mean()))
    x, y = plane.forward(lon, lat)
    tail, head = (np.array([number[ends[side]] for *ends, _ in edges]) for side in (0, 1))
    seconds = np.maximum([edge[2] for edge in edges], 0.5)
    length = np.maximum(np.hypot(x[head] - x[tail], y[head] - y[tail]), 0.1)
    twin = {(int(a), int(b)): index for index, (a, b) in enumerate(zip(tail, head, strict=True))}
    ends = np.column_stack([tail, head]).ravel()
    count = len(edges)
    return RoadGraph(
        projection=plane,
        node_lon=lon,
        node_lat=lat,
        node_x=x,
        node_y=y,
        node_osm_id=np.array(list(nodes)),
        node_signal=np.zeros(len(nodes), dtype=bool),
        node_crossing=np.zeros(len(nodes), dtype=bool),
        edge_from=tail.astype(np.int32),
        edge_to=head.astype(np.int32),
        edge_length_m=length,
        edge_speed_mps=length / seconds,
        edge_class=np.full(count, 6, dtype=np.uint8),
        edge_lanes=np.ones(count, dtype=np.uint8),
        edge_way_id=np.arange(count),
        edge_reverse=np.array(
            [twin.get((int(b), int(a)), -1) for a, b in zip(tail, head, strict=True)], dtype=np.int32
        ),
        edge_flags=np.zeros(count, dtype=np.uint16),
        edge_name=("",),
        edge_name_id=np.zeros(count, dtype=np.int32),
        geom_offset=np.arange(0, 2 * count + 1, 2, dtype=np.int32),
        geom_xy=np.column_stack([x, y])[ends],
        geom_lonlat=np.column_stack([lon, lat])[ends],
        turn_forbidden=np.zeros((0, 2), dtype=np.int32),
        crossing_edge=np.zeros(0, dtype=np.int32),
        crossing_offset_m=np.zeros(0),
    )


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path) as file:
        yield from csv.reader(io.TextIOWrapper(file))


if __name__ == "__main__":
    main()
