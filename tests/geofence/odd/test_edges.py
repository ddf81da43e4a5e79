"""Which edges of a real network are open, and how routes keep to them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from geofence.base.errors import Refusal
from geofence.odd import selectors
from geofence.odd.domain.area import Area
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.edges import edge_rules, in_force
from geofence.odd.domain.planner import RoutePlanner, RulesCache
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition
from geofence.zones import services
from geofence.zones.domain.geometry import to_geojson
from geofence.zones.domain.kinds import ZoneKind
from tests.geofence.odd.conftest import area, daily, star

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def lines_of(network: Network) -> Any:
    graph = network.graph
    return shapely.linestrings(
        graph.geom_lonlat, indices=np.repeat(np.arange(graph.edge_count), np.diff(graph.geom_offset))
    )


def everywhere(network: Network) -> Area:
    return area(ZoneKind.SERVICE_AREA, shapely.box(*network.bbox).buffer(0.01))


def centre(network: Network) -> tuple[float, float]:
    west, south, east, north = network.bbox
    return (west + east) / 2, (south + north) / 2


def blob(network: Network, share: float, seed: int) -> Polygon:
    west, south, east, north = network.bbox
    rng = np.random.default_rng(seed)
    radii = rng.uniform(0.5, 1.0, 24) * share * min(east - west, north - south) / 2
    return star((rng.uniform(west, east), rng.uniform(south, north)), list(radii))


@pytest.mark.parametrize("seed", range(6))
def test_the_mask_is_what_shapely_says_of_whole_edges(city: Network, seed: int) -> None:
    service = star(centre(city), list(np.random.default_rng(seed).uniform(0.004, 0.02, 30)))
    closed = [blob(city, 0.4, seed), blob(city, 0.2, seed + 50)]
    domain = CompiledOdd(1, "d", [area(ZoneKind.SERVICE_AREA, service), *[area(ZoneKind.NO_GO, p) for p in closed]])
    allowed = edge_rules(domain, city.graph, in_force(domain, NOON, NOON)).allowed
    lines = lines_of(city)
    expected = shapely.covers(service, lines) & ~np.any([shapely.intersects(p, lines) for p in closed], axis=0)
    assert allowed.tolist() == expected.tolist()
    assert 0 < allowed.sum() < len(allowed)


def test_edges_across_the_seam_of_two_service_areas_are_open(city: Network) -> None:
    west, south, east, north = shapely.box(*city.bbox).buffer(0.01).bounds
    seam = [((west + east) / 2, south), ((west + east) / 2 + 0.001, north)]
    halves = [Polygon([(west, south), *seam, (west, north)]), Polygon([seam[0], (east, south), (east, north), seam[1]])]
    domain = CompiledOdd(1, "d", [area(ZoneKind.SERVICE_AREA, p) for p in halves])
    assert edge_rules(domain, city.graph, in_force(domain, NOON, NOON)).allowed.all()


def test_slow_zones_cap_the_edges_that_they_touch_and_the_slowest_wins(city: Network) -> None:
    wide, narrow = blob(city, 0.8, 1), blob(city, 0.3, 2)
    domain = CompiledOdd(
        1,
        "d",
        [
            everywhere(city),
            area(ZoneKind.SLOW, wide, max_speed_mps=8.0),
            area(ZoneKind.SLOW, narrow, max_speed_mps=3.0),
            area(ZoneKind.SLOW, blob(city, 2.0, 3), max_speed_mps=1.0, hours=daily("00:00", "01:00")),
        ],
    )
    rules = edge_rules(domain, city.graph, in_force(domain, NOON, NOON))
    lines = lines_of(city)
    expected = np.where(shapely.intersects(wide, lines), 8.0, np.inf)
    expected = np.where(shapely.intersects(narrow, lines), 3.0, expected)
    assert rules.speed_cap_mps.tolist() == expected.tolist()
    assert rules.allowed.all()


def ends(network: Network) -> tuple[RoadPosition, RoadPosition]:
    west, south, east, north = network.bbox
    a = network.snap(west + (east - west) * 0.1, (south + north) / 2, 2000)
    b = network.snap(east - (east - west) * 0.1, (south + north) / 2, 2000)
    return a.position, b.position


def plan(network: Network, *areas: Area, at: datetime = NOON) -> RoutePlanner:
    return RoutePlanner(network, CompiledOdd(1, repr([a.zone_id for a in areas]), areas), at, RulesCache())


def block_on(network: Network, planner: RoutePlanner) -> Any:
    """A small square over the middle of the usual way."""
    points = planner.route(*ends(network)).lonlat
    lon, lat = points[len(points) // 2]
    return shapely.box(lon - 0.0006, lat - 0.0004, lon + 0.0006, lat + 0.0004)


def test_a_route_goes_around_a_no_go_zone_and_is_longer(city: Network) -> None:
    free = plan(city, everywhere(city))
    block = block_on(city, free)
    around = plan(city, everywhere(city), area(ZoneKind.NO_GO, block))
    usual, detour = free.route(*ends(city)), around.route(*ends(city))
    assert shapely.intersects(block, shapely.linestrings(usual.lonlat))
    assert not shapely.intersects(block, shapely.linestrings(detour.lonlat))
    assert detour.duration_s >= usual.duration_s
    assert around.check(detour).allowed
    assert around.travel_times([ends(city)[0]], [ends(city)[1]])[0, 0] == pytest.approx(detour.duration_s, abs=0.002)


def test_a_slow_zone_makes_the_way_longer_in_time(city: Network) -> None:
    usual = plan(city, everywhere(city)).route(*ends(city))
    slow = plan(city, everywhere(city), area(ZoneKind.SLOW, shapely.box(*city.bbox), max_speed_mps=2.0)).route(
        *ends(city)
    )
    assert slow.duration_s >= slow.distance_m / 2.0 - 0.5
    assert slow.duration_s > usual.duration_s


def test_a_route_names_its_edges_in_slow_zones_and_no_others(city: Network) -> None:
    free = plan(city, everywhere(city))
    block = block_on(city, free)
    planner = plan(city, everywhere(city), area(ZoneKind.SLOW, block, max_speed_mps=6.0))
    route = planner.route(*ends(city))
    touched = shapely.intersects(block, lines_of(city)) & (city.graph.edge_speed_mps > 6.0)
    assert planner.speed_caps(route) == tuple((k, 6.0) for k, edge in enumerate(route.edges) if touched[edge])
    assert planner.speed_caps(free.route(*ends(city))) != ()
    assert free.speed_caps(route) == ()
    faster = plan(city, everywhere(city), area(ZoneKind.SLOW, shapely.box(*city.bbox), max_speed_mps=40.0))
    assert faster.speed_caps(route) == ()


def test_a_slow_zone_that_begins_during_the_drive_is_told_and_one_that_is_over_is_not(city: Network) -> None:
    slow = area(ZoneKind.SLOW, shapely.box(*city.bbox).buffer(0.01), max_speed_mps=1.5, hours=daily("12:01", "13:00"))
    for hour, minute, told in ((9, 0, False), (12, 0, True), (12, 59, True), (13, 1, False)):
        planner = plan(city, everywhere(city), slow, at=datetime(2026, 6, 1, hour, minute, tzinfo=UTC))
        route = planner.route(*ends(city))
        assert planner.speed_caps(route) == (tuple((k, 1.5) for k in range(len(route.edges))) if told else ())


def test_a_destination_in_a_no_go_zone_is_refused_with_reason_and_place(city: Network) -> None:
    origin, destination = ends(city)
    points = plan(city, everywhere(city)).route(origin, destination).lonlat
    closed = area(ZoneKind.NO_GO, shapely.Point(points[-1]).buffer(0.001), name="Stadium")
    with pytest.raises(Refusal) as refused:
        plan(city, everywhere(city), closed).route(origin, destination)
    assert (refused.value.code, refused.value.status) == ("outside_odd", 422)
    assert refused.value.extra["reasons"] == ["no_go"]
    (place,) = refused.value.extra["violations"]
    assert (place["zone_name"], place["zone_id"]) == ("Stadium", str(closed.zone_id))
    assert 0 < place["from_m"] < place["to_m"]


def test_without_a_service_area_no_route_is_planned(city: Network) -> None:
    with pytest.raises(Refusal) as refused:
        plan(city).route(*ends(city))
    assert refused.value.code == "no_service_area"


def test_a_zone_that_opens_while_the_car_is_on_its_way_is_driven_around(city: Network) -> None:
    block = block_on(city, plan(city, everywhere(city)))
    soon = area(ZoneKind.NO_GO, block, hours=daily("12:01", "13:00"))
    starts = datetime(2026, 6, 1, 12, 0, 30, tzinfo=UTC)
    planner = plan(city, everywhere(city), soon, at=starts)
    assert planner.rules.allowed.all()
    route = planner.route(*ends(city))
    assert planner.check(route).allowed
    assert not shapely.intersects(block, shapely.linestrings(route.lonlat))
    early = plan(city, everywhere(city), soon, at=datetime(2026, 6, 1, 9, tzinfo=UTC)).route(*ends(city))
    assert shapely.intersects(block, shapely.linestrings(early.lonlat))


def test_a_drive_may_begin_on_an_edge_that_is_closed_behind_the_car(city: Network) -> None:
    _, destination = ends(city)
    long_edge = int(np.argmax(city.graph.edge_length_m))
    start = RoadPosition(long_edge, float(city.graph.edge_length_m[long_edge]) * 0.8)
    tail = city.graph.edge_lonlat(long_edge)[0]
    closed = area(ZoneKind.NO_GO, shapely.Point(tail).buffer(0.0002))
    planner = plan(city, everywhere(city), closed)
    assert not planner.rules.allowed[long_edge]
    route = planner.route(start, destination)
    assert route.edges[0] == long_edge
    assert planner.check(route).allowed
    behind = RoadPosition(long_edge, 0.0)
    with pytest.raises(Refusal) as refused:
        planner.route(behind, destination)
    assert refused.value.code == "outside_odd"


@pytest.fixture
def published(city: Network) -> Callable[..., Any]:
    def publish(kind: str, polygon: Polygon, **params: Any) -> Any:
        row = services.draft(kind=kind, name=kind, geometry=to_geojson(polygon), by="user:1", params=params)
        services.publish(zone_ids=[row.id], by="user:1")
        return row.id

    return publish


def test_the_version_in_force_counts_at_once_and_old_ones_stay_readable(city: Network, published: Any) -> None:
    before = selectors.current()
    lon, lat = centre(city)
    assert before.contains(lon, lat, NOON)
    zone_id = published("no_go", shapely.Point(lon, lat).buffer(0.001))
    after = selectors.current()
    assert (after.version, after.contains(lon, lat, NOON)) == (before.version + 1, False)
    assert selectors.version(before.version).contains(lon, lat, NOON)
    assert selectors.version(before.version) is before
    services.retire(zone_ids=[zone_id], by="user:1")
    assert selectors.current().contains(lon, lat, NOON)
    assert selectors.current().digest == before.digest
    with pytest.raises(Refusal) as refused:
        selectors.version(10_000)
    assert refused.value.code == "odd_version_not_found"


def test_plan_route_uses_what_is_published(city: Network, published: Any) -> None:
    origin, destination = ends(city)
    usual = selectors.plan_route(origin, destination, at=NOON)
    lon, lat = usual.lonlat[-1]
    published("emergency", shapely.Point(lon, lat).buffer(0.001))
    with pytest.raises(Refusal) as refused:
        selectors.plan_route(origin, destination, at=NOON)
    assert refused.value.extra["reasons"] == ["emergency"]
    assert not selectors.edge_mask(city, NOON)[destination.edge]
