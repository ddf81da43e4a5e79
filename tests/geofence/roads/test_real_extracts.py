"""Extracts of real cities."""

from pathlib import Path

import numpy as np
import pytest

from geofence.roads import selectors, services
from geofence.roads.domain.graph import EdgeFlag
from geofence.roads.domain.router import RoadPosition
from geofence.roads.domain.routers.dijkstra import DijkstraRouter

pytestmark = pytest.mark.django_db


def test_monaco_is_imported_and_routed(monaco: Path) -> None:
    report = services.import_extract(monaco, slug="monaco", name="Monaco")
    assert (report.junctions, report.edges, report.dropped_edges) == (500, 944, 81)
    assert "Avenue Saint-Martin" in report.dropped_names
    network = selectors.network(fresh=True)
    casino, station = network.snap(7.4277, 43.7397), network.snap(7.4208, 43.7385)
    route = network.router.route(station.position, casino.position)
    assert route is not None
    assert 600 < route.distance_m < 3000
    assert 60 < route.duration_s < 600
    assert any(turn.name.startswith(("Avenue", "Boulevard")) for turn in route.turns)


def test_every_place_in_monaco_can_be_reached_and_both_routers_agree(monaco: Path) -> None:
    services.import_extract(monaco, slug="monaco", name="Monaco")
    network = selectors.network(fresh=True)
    graph = network.graph
    everywhere = [RoadPosition(edge, float(graph.edge_length_m[edge]) / 2) for edge in range(0, graph.edge_count, 5)]
    times = network.router.travel_times(everywhere, everywhere)
    assert np.isfinite(times).all()
    assert (times == DijkstraRouter.build(graph).travel_times(everywhere, everywhere)).all()


def test_a_piece_of_berlin_keeps_its_roundabout(berlin: Path) -> None:
    """The extract cuts nearly every road that leads away; the circus and a stub are what hangs together."""
    report = services.import_extract(berlin, slug="berlin", name="Berlin")
    graph = selectors.network(fresh=True).graph
    assert {"Großer Stern", "Spreeweg"} <= set(graph.edge_name)
    assert ((graph.edge_flags & EdgeFlag.ROUNDABOUT) > 0).sum() == 8
    assert "Straße des 17. Juni" in report.dropped_names
