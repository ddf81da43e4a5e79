"""The demo city is believable, whole, and the same for the same seed."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geofence.roads.domain.city.plan import plan_city
from geofence.roads.domain.city.write import write_city
from geofence.roads.domain.graph import EdgeFlag, RoadClass, RoadGraph
from geofence.roads.domain.osm.assemble import assemble
from geofence.roads.domain.osm.extract import Extract, read_extract
from geofence.roads.domain.subgraph import Dropped, largest_connected


def quiet(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def _imported(path: Path, **numbers: int) -> tuple[Extract, RoadGraph, Dropped]:
    write_city(plan_city(**numbers), path)
    extract = read_extract(path, quiet)
    return extract, *largest_connected(assemble(extract))


@pytest.mark.parametrize(("junctions", "seed"), [(100, 1), (100, 2), (250, 3), (600, 4)])
def test_size_is_kept_and_nothing_is_cut_off(tmp_path: Path, junctions: int, seed: int) -> None:
    _, graph, dropped = _imported(tmp_path / "city.osm.pbf", junctions=junctions, seed=seed)
    neighbours = np.bincount(
        np.unique(np.sort(np.stack([graph.edge_from, graph.edge_to]), axis=0), axis=1).ravel(),
        minlength=graph.node_count,
    )
    assert (neighbours != 2).sum() == pytest.approx(junctions, rel=0.15)
    assert dropped.length_m <= 0.01 * graph.edge_length_m.sum()


def test_the_same_seed_gives_the_same_city_and_another_seed_another(tmp_path: Path) -> None:
    digests = [
        _imported(tmp_path / name, junctions=100, seed=seed)[1].digest
        for name, seed in (("a.osm.pbf", 5), ("b.osm.pbf", 5), ("c.osm", 5), ("d.osm.pbf", 6))
    ]
    assert digests[0] == digests[1] == digests[2] != digests[3]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Extract, RoadGraph, Dropped]:
    return _imported(tmp_path_factory.mktemp("large") / "city.osm.pbf", junctions=600, seed=7)


def test_a_city_has_what_cities_have(large: tuple[Extract, RoadGraph, Dropped]) -> None:
    extract, graph, _ = large
    assert set(graph.edge_class.tolist()) >= {
        RoadClass.TRUNK,
        RoadClass.PRIMARY,
        RoadClass.SECONDARY,
        RoadClass.TERTIARY,
        RoadClass.RESIDENTIAL,
    }
    flags = graph.edge_flags
    bridges = {graph.name_of(int(edge)) for edge in np.flatnonzero(flags & EdgeFlag.BRIDGE)}
    assert len(bridges) >= 3
    assert (flags & EdgeFlag.ROUNDABOUT).any()
    assert graph.node_signal.sum() >= 20
    assert len(graph.crossing_edge) >= 100
    assert len(graph.turn_forbidden) >= 1
    oneway = graph.edge_reverse < 0
    assert 0.03 < oneway.mean() < 0.4
    assert {area.kind for area in extract.areas} == {"water", "park", "building"}
    assert extract.left_out.total() == extract.left_out["area_with_broken_geometry"] <= 3
    assert len(graph.edge_name) > 100
    assert len({round(speed * 3.6) for speed in graph.edge_speed_mps}) >= 4


def test_the_river_is_crossed_by_bridges_only(large: tuple[Extract, RoadGraph, Dropped]) -> None:
    extract, graph, _ = large
    river = max((shapely.from_wkb(area.wkb) for area in extract.areas if area.kind == "water"), key=lambda a: a.area)
    points = np.repeat(np.arange(graph.edge_count), np.diff(graph.geom_offset))
    wet = shapely.intersects(shapely.linestrings(graph.geom_lonlat, indices=points), river)
    assert wet.any()
    assert ((graph.edge_flags[wet] & EdgeFlag.BRIDGE) > 0).all()
