"""Zone checks: points and routes a second, the grid against shapely's STRtree and PostGIS, on the same points.

Run from the repository's root: `python -m benchmarks.zones`. All three must give the same answers, or it fails.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geofence.base.ids import new_id
from geofence.odd.domain.area import Area
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.layer import Layer
from geofence.zones.domain.kinds import ZoneKind

POLYGONS, VERTICES, POINTS = 1_000, 200, 1_000_000
POSTGIS_POINTS = 100_000  # PostGIS takes some seconds for these; it scales with their number
WEST, SOUTH, EAST, NORTH = -8.72, 41.10, -8.52, 41.20
REPEATS = 3
Bool = NDArray[np.bool_]
F8 = NDArray[np.float64]


def blob(rng: np.random.Generator) -> Polygon:
    """A wavy island of 100 to 400 m."""
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    waves = 0.25 * np.sin(3 * angle + rng.uniform(0, 6)) + 0.1 * np.sin(17 * angle + rng.uniform(0, 6))
    radius = rng.uniform(0.001, 0.004) * (1 + waves + 0.05 * rng.standard_normal(VERTICES))
    lon, lat = rng.uniform([WEST, SOUTH], [EAST, NORTH])
    return Polygon(np.column_stack([lon + radius * np.cos(angle), lat + radius * np.sin(angle)]))


def measured(work: Callable[[], Bool]) -> tuple[Bool, float, float]:
    """The answer, and the least CPU and wall seconds of some runs."""
    best = np.full(2, np.inf)
    for _ in range(REPEATS):
        cpu, wall = time.process_time(), time.perf_counter()
        answer = work()
        best = np.minimum(best, [time.process_time() - cpu, time.perf_counter() - wall])
    return answer, float(best[0]), float(best[1])


def by_tree(polygons: list[Polygon], lon: F8, lat: F8) -> Bool:
    """shapely's STRtree with a predicate."""
    hit = np.zeros(len(lon), dtype=np.bool_)
    hit[shapely.STRtree(polygons).query(shapely.points(lon, lat), predicate="intersects")[0]] = True
    return hit


def by_box_and_group(polygons: list[Polygon], lon: F8, lat: F8) -> Bool:
    """shapely's STRtree by box, then one prepared call for each polygon: the best way without a grid."""
    point, polygon = shapely.STRtree(polygons).query(shapely.points(lon, lat))
    order = np.argsort(polygon, kind="stable")
    bounds = np.flatnonzero(np.diff(polygon[order], prepend=-1, append=-1))
    hit = np.zeros(len(lon), dtype=np.bool_)
    for begin, end in pairwise(bounds.tolist()):
        mine = point[order[begin:end]]
        hit[mine[shapely.intersects_xy(polygons[polygon[order[begin]]], lon[mine], lat[mine])]] = True
    return hit


def by_postgis(polygons: list[Polygon], lon: F8, lat: F8) -> tuple[Bool, float]:
    """PostGIS: ST_Covers with a GiST index; the answer and the seconds of the query alone."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("CREATE TEMP TABLE bench_zone (area geometry(Polygon, 4326)) ON COMMIT DROP")
        cursor.execute("CREATE TEMP TABLE bench_point (i int, at geometry(Point, 4326)) ON COMMIT DROP")
        cursor.executemany(
            "INSERT INTO bench_zone VALUES (ST_GeomFromWKB(%s, 4326))", [[shapely.to_wkb(p)] for p in polygons]
        )
        cursor.execute(
            "INSERT INTO bench_point SELECT i, ST_SetSRID(ST_MakePoint(x, y), 4326)"
            " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS u(x, y, i)",
            [lon.tolist(), lat.tolist()],
        )
        cursor.execute("CREATE INDEX ON bench_zone USING gist (area)")
        cursor.execute("ANALYZE bench_zone")
        cursor.execute("ANALYZE bench_point")
        started = time.perf_counter()
        cursor.execute("SELECT DISTINCT p.i FROM bench_point p JOIN bench_zone z ON ST_Covers(z.area, p.at)")
        found = cursor.fetchall()
        taken = time.perf_counter() - started
    hit = np.zeros(len(lon), dtype=np.bool_)
    hit[np.array([row[0] for row in found], dtype=np.int64) - 1] = True
    return hit, taken


def routes(odd: CompiledOdd, rng: np.random.Generator) -> tuple[float, float, float]:
    """Milliseconds p50 and p99 for checking one route of 300 vertices and about 6 km, and the share refused."""
    taken, refused = [], 0
    for _ in range(500):
        heading = rng.uniform(0, 6.28) + np.cumsum(rng.normal(0, 0.15, 299))
        steps = np.column_stack([np.cos(heading) * 2.4e-4, np.sin(heading) * 1.8e-4])
        start = rng.uniform([WEST + 0.08, SOUTH + 0.04], [EAST - 0.08, NORTH - 0.04])
        line = np.vstack([start, start + np.cumsum(steps, axis=0)])
        started = time.perf_counter()
        refused += not odd.check_route(line, 1_000_000.0 + np.arange(300.0)).allowed
        taken.append((time.perf_counter() - started) * 1000)
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99)), refused / 500


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
    import django

    django.setup()
    from benchmarks import report

    rng = np.random.default_rng(1)
    polygons = [p for p in (blob(rng) for _ in range(POLYGONS * 2)) if p.is_valid][:POLYGONS]
    lon, lat = rng.uniform(WEST, EAST, POINTS), rng.uniform(SOUTH, NORTH, POINTS)
    areas = tuple(Area(new_id(), ZoneKind.NO_GO, "", p) for p in polygons)
    started = time.process_time()
    layer = Layer(areas, unknown_applies=True)
    compile_s = time.process_time() - started
    grid, grid_cpu, grid_wall = measured(lambda: layer.covers(lon, lat, 0.0))
    tree, tree_cpu, _ = measured(lambda: by_tree(polygons, lon, lat))
    group, group_cpu, _ = measured(lambda: by_box_and_group(polygons, lon, lat))
    some = slice(0, POSTGIS_POINTS)
    postgis, postgis_s = by_postgis(polygons, lon[some], lat[some])
    if (grid != tree).any() or (grid != group).any() or (grid[some] != postgis).any():
        raise SystemExit("the answers differ")
    whole = Area(new_id(), ZoneKind.SERVICE_AREA, "", shapely.box(WEST, SOUTH, EAST, NORTH))
    few = [Area(new_id(), ZoneKind.NO_GO, "", p) for p in polygons[:40]]
    p50, p99, refused = routes(CompiledOdd(1, "", [whole, *few]), rng)
    report.write(
        "zones",
        {
            "points": POINTS,
            "polygons": len(polygons),
            "vertices_per_polygon": VERTICES,
            "points_covered_share": round(float(grid.mean()), 4),
            "grid_compile_s": round(compile_s, 3),
            "grid_points_per_cpu_s": round(POINTS / grid_cpu),
            "grid_points_per_wall_s": round(POINTS / grid_wall),
            "strtree_predicate_points_per_cpu_s": round(POINTS / tree_cpu),
            "strtree_box_grouped_points_per_cpu_s": round(POINTS / group_cpu),
            "postgis_covers_points_per_wall_s": round(POSTGIS_POINTS / postgis_s),
            "grid_times_strtree_predicate": round(tree_cpu / grid_cpu, 1),
            "grid_times_postgis": round(postgis_s / POSTGIS_POINTS / (grid_wall / POINTS), 1),
            "answers_that_differ": 0,
            "route_of_300_vertices_ms_p50": round(p50, 3),
            "route_of_300_vertices_ms_p99": round(p99, 3),
            "routes_refused_share": round(refused, 3),
        },
        f"Least of {REPEATS} runs. PostGIS on the first {POSTGIS_POINTS:,} points, one worker, GiST index, the query "
        "alone. The grid, both uses of the STRtree and PostGIS gave the same answer for every point. Routes: 300 "
        "vertices, about 6 km, under one service area and 40 no-go zones.",
    )


if __name__ == "__main__":
    main()
