"""The world on a city that was really imported, through the file that cars load."""

from pathlib import Path

import numpy as np
import pytest

from autonomy.sim.collisions import collisions
from autonomy.sim.curves import KAPPA_WANTED
from autonomy.sim.errands import Errands
from autonomy.sim.joining import connect
from autonomy.sim.junctions import find_junctions
from autonomy.sim.path import build_path
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from geofence.roads.domain.city.plan import LEAST_JUNCTIONS, plan_city
from geofence.roads.domain.city.write import write_city
from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.mapfile import to_bytes
from geofence.roads.domain.osm.assemble import assemble
from geofence.roads.domain.osm.extract import read_extract
from geofence.roads.domain.subgraph import largest_connected


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoadGraph, RoadMap]:
    folder: Path = tmp_path_factory.mktemp("city")
    write_city(plan_city(junctions=max(LEAST_JUNCTIONS, 300), seed=7), folder / "city.osm.pbf")
    graph, _ = largest_connected(assemble(read_extract(folder / "city.osm.pbf", lambda *_: None)))
    (folder / "map.npz").write_bytes(to_bytes(graph))
    return graph, RoadMap.load(folder / "map.npz")


def test_the_map_that_cars_load_is_the_map_that_was_exported(exported: tuple[RoadGraph, RoadMap]) -> None:
    graph, road_map = exported
    assert road_map.digest == graph.digest
    assert road_map.edge_count == graph.edge_count
    assert np.array_equal(road_map.edge_length_m, graph.edge_length_m)
    forbidden = {tuple(pair) for pair in graph.turn_forbidden.tolist()}
    assert not any((edge, out) in forbidden for edge, outs in enumerate(road_map.successors) for out in outs)


def test_every_way_through_the_city_can_be_steered(exported: tuple[RoadGraph, RoadMap]) -> None:
    _, road_map = exported
    junctions = find_junctions(road_map)
    random = np.random.default_rng(5)
    for _ in range(25):
        start, goal = (int(edge) for edge in random.integers(road_map.edge_count, size=2))
        link = connect(road_map, start, goal)
        if link is None or start == goal:
            continue
        path = build_path(road_map, junctions, [start, *link, goal], start_m=0.0, end_m=1.0, at_kerb=True)
        assert np.abs(path.lane[:, 3]).max() < KAPPA_WANTED + 0.02
        steps = np.hypot(*np.diff(path.lane[:, :2], axis=0).T)
        assert steps.max() < 1.05
        assert (np.diff(path.road) >= -1e-6).all()


def test_twenty_cars_in_the_city_touch_nobody(exported, drive) -> None:  # type: ignore[no-untyped-def]
    world = World(exported[1], seed=2)
    errands = Errands(world, 2)
    errands.add_cars(20)
    touched: set[tuple[str, str]] = set()

    def look() -> None:
        nonlocal touched
        errands.tick()
        touched |= collisions(world)

    drive(world, 80, look)
    assert touched == set()
    assert float(world.fleet.odometer.sum()) > 2_000.0
    assert float(np.abs(world.fleet.lateral).max()) < 0.7
