"""The process's network: fresh when it changes, shared while it does not, whole when files are lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from geofence.base.errors import NotFound, Refusal
from geofence.roads import selectors, services
from geofence.roads.domain.mapfile import from_bytes
from geofence.roads.domain.router import RoadPosition
from geofence.roads.models import RoadEdge, RoadNetwork, SpeedFactor

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=5)


@pytest.fixture
def network(demo_file: Path, django_capture_on_commit_callbacks: Any) -> selectors.Network:
    with django_capture_on_commit_callbacks(execute=True):
        services.import_extract(demo_file, slug="demo", name="Demo")
    return selectors.network(fresh=True)


def test_without_a_city_there_is_no_network() -> None:
    RoadNetwork.objects.update(active=False)
    with pytest.raises(selectors.NoNetwork) as refused:
        selectors.network(fresh=True)
    assert (refused.value.code, refused.value.status) == ("no_network", 503)
    assert selectors.tile(0, 0, 0) == b""
    with pytest.raises(CommandError, match="Import a city first"):
        call_command("export_map", "/nowhere/map.npz", verbosity=0)


def test_one_network_is_shared_and_asked_for_rarely(network: selectors.Network) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert all(selectors.network() is network for _ in range(100))
    assert len(queries) <= 1


def test_importing_another_city_activates_it(network: selectors.Network, demo_file: Path) -> None:
    before = RoadNetwork.objects.filter(active=True).get()
    report = services.import_extract(demo_file, slug="second", name="Second")
    assert selectors.network(fresh=True).slug == "second"
    assert RoadNetwork.objects.filter(active=True).count() == 1
    services.activate(slug="demo")
    assert selectors.network(fresh=True).id == before.id
    assert report.digest == network.digest
    with pytest.raises(NotFound):
        services.activate(slug="nowhere")


def test_an_import_may_be_stored_without_being_active(network: selectors.Network, demo_file: Path) -> None:
    report = services.import_extract(demo_file, slug="later", name="Later", activate=False)
    assert not report.active
    assert selectors.network(fresh=True).slug == "demo"


def test_importing_again_keeps_the_row_and_replaces_the_edges(network: selectors.Network, demo_file: Path) -> None:
    services.import_extract(demo_file, slug="demo", name="Demo again")
    again = RoadNetwork.objects.get(slug="demo")
    assert (again.id, again.name) == (network.id, "Demo again")
    assert RoadEdge.objects.filter(network=again).count() == network.graph.edge_count


def test_edges_in_the_database_are_the_graphs_edges(network: selectors.Network) -> None:
    for row in RoadEdge.objects.filter(network_id=network.id, index__in=[0, 7, network.graph.edge_count - 1]):
        assert np.array(row.geom.coords) == pytest.approx(network.graph.edge_lonlat(row.index))
        assert row.name == network.graph.name_of(row.index)
        assert row.oneway == (network.graph.edge_reverse[row.index] < 0)
    drawn = RoadEdge.objects.filter(network_id=network.id, drawn=True).count()
    assert drawn == (network.graph.edge_count + (network.graph.edge_reverse < 0).sum()) / 2


def test_dependants_are_called_with_the_new_network(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[selectors.Network] = []
    monkeypatch.setattr(services, "_callbacks", [])
    services.on_import(seen.append)
    services.on_import(seen.append)
    report = services.import_extract(demo_file, slug="demo", name="Demo")
    assert [network.digest for network in seen] == [report.digest]


def test_the_map_for_cars_is_written(network: selectors.Network, tmp_path: Path) -> None:
    current = from_bytes((settings.HANSOM_MAP_DIR / "current.npz").read_bytes())
    assert current.digest == network.digest
    call_command("export_map", str(tmp_path / "map.npz"), verbosity=0)
    assert from_bytes((tmp_path / "map.npz").read_bytes()).digest == network.digest


@pytest.mark.parametrize("damage", ["missing", "garbage", "another map"])
def test_a_lost_map_file_is_written_again_from_the_database(
    network: selectors.Network, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = selectors.map_path(network.digest)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"garbage" if damage == "garbage" else whole[:-1])
    selectors.forget()
    monkeypatch.setattr(selectors, "_bases", type(selectors._bases)())
    assert selectors.network(fresh=True).digest == network.digest
    assert path.read_bytes() == whole


def test_live_speeds_slow_a_drive_and_expire(network: selectors.Network) -> None:
    origin, destination = RoadPosition(0, 0.0), RoadPosition(network.graph.edge_count // 2, 1.0)
    free = network.router.route(origin, destination)
    assert free is not None
    edges = dict.fromkeys(free.edges, 0.1)
    written = services.set_speed_factors(edges=edges, expires_at=timezone.now() + SOON, source="test")
    assert written == len(edges)
    slow = selectors.network(fresh=True)
    assert slow.version != network.version
    assert slow.graph is network.graph
    jam = slow.router.travel_times([origin], [destination])[0, 0]
    assert jam > free.duration_s
    SpeedFactor.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    again = selectors.network(fresh=True)
    assert again.router.travel_times([origin], [destination])[0, 0] == free.duration_s


def test_the_newest_factor_counts_and_a_way_means_all_its_edges(network: selectors.Network) -> None:
    way = int(network.graph.edge_way_id[0])
    of_way = network.graph.edge_way_id == way
    until = timezone.now() + SOON
    services.set_speed_factors(ways={way: 0.5}, expires_at=until, source="test")
    services.set_speed_factors(edges={0: 0.25}, expires_at=until, source="test")
    speeds = selectors.network(fresh=True).speeds_mps / network.graph.edge_speed_mps
    assert speeds[0] == 0.25
    assert (speeds[of_way][1:] == 0.5).all()
    assert (speeds[~of_way] == 1.0).all()
    services.set_speed_factors(edges={0: 1.0}, expires_at=until, source="test")
    assert selectors.network(fresh=True).speeds_mps[0] == network.graph.edge_speed_mps[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"edges": {10**7: 0.5}}, "unknown_edge"),
        ({"edges": {-1: 0.5}}, "unknown_edge"),
        ({"ways": {5: 0.5}}, "unknown_way"),
        ({"edges": {0: 0.0}}, "factor_out_of_range"),
        ({"edges": {0: float("nan")}}, "factor_out_of_range"),
        ({"edges": {0: 3.0}}, "factor_out_of_range"),
        ({"edges": {0: 0.5}, "expires_at": timezone.now() - SOON}, "already_expired"),
    ],
)
def test_bad_factors_are_refused_and_change_nothing(
    network: selectors.Network, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        services.set_speed_factors(**{"expires_at": timezone.now() + SOON, "source": "test", **change})
    assert refused.value.code == code
    assert SpeedFactor.objects.count() == 0


def test_masked_routers_are_kept_by_key(network: selectors.Network) -> None:
    allowed = np.ones(network.graph.edge_count, dtype=bool)
    first = network.router_for("odd-1", allowed)
    assert network.router_for("odd-1", allowed) is first
    allowed = allowed.copy()
    allowed[0] = False
    assert network.router_for("odd-2", allowed).route(RoadPosition(0, 0.0), RoadPosition(0, 1.0)) is None
    for number in range(40):
        network.router_for(f"other-{number}", allowed)
    assert network.router_for("odd-1", np.ones(network.graph.edge_count, dtype=bool)) is not first


@pytest.mark.parametrize(
    ("lon", "lat"), [(0.0, 0.0), (float("nan"), 54.7), (2.35, float("inf")), (2.35, 95.0), (1e400, 54.7), (200.0, 54.7)]
)
def test_points_off_the_road_are_refused(network: selectors.Network, lon: float, lat: float) -> None:
    with pytest.raises(Refusal) as refused:
        network.snap(lon, lat)
    assert refused.value.code == "not_on_road"


def test_snapping_gives_a_position_that_can_be_driven_from(network: selectors.Network) -> None:
    west, south, east, north = network.bbox
    middle = network.snap((west + east) / 2, (south + north) / 2)
    corner = network.snap(*network.graph.edge_lonlat(5)[0])
    assert corner.distance_m < 0.01
    assert network.router.travel_times([middle.position], [corner.position])[0, 0] > 0
