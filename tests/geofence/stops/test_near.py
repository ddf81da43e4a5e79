"""Stopping places of an imported city: rebuilt with it, legal under the domain, nearest on foot first."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely

from geofence.base.errors import NotFound
from geofence.base.ids import new_id
from geofence.odd import selectors as odd_selectors
from geofence.roads.domain.network import Network
from geofence.stops import selectors, services
from geofence.stops.models import StoppingPlace
from geofence.zones import selectors as zone_selectors
from geofence.zones import services as zones
from geofence.zones.domain.geometry import to_geojson

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def middle(network: Network) -> tuple[float, float]:
    west, south, east, north = network.bbox
    return (west + east) / 2, (south + north) / 2


def test_the_import_makes_places_that_snap_back_to_their_own_edge(city: Network) -> None:
    rows = list(StoppingPlace.objects.filter(network_id=city.id))
    assert len(rows) > 50
    assert {row.map_digest for row in rows} == {city.digest}
    snapped = city.snap_many(np.array([r.kerb.x for r in rows]), np.array([r.kerb.y for r in rows]))
    same = snapped.edge == np.array([r.edge for r in rows])
    assert same.mean() > 0.9  # at a corner the kerb may be nearer to the other street
    assert np.abs(snapped.offset_m - np.array([r.offset_cm / 100 for r in rows]))[same].max() < 3


def test_a_rebuild_keeps_the_ids_of_places_that_stay(city: Network) -> None:
    before = {(r.edge, r.offset_cm): r.id for r in StoppingPlace.objects.filter(network_id=city.id)}
    lost = StoppingPlace.objects.filter(network_id=city.id).order_by("edge").first()
    assert lost is not None
    lost.delete()
    assert services.rebuild(city) == len(before)
    after = {(r.edge, r.offset_cm): r.id for r in StoppingPlace.objects.filter(network_id=city.id)}
    assert set(after) == set(before)
    assert {key for key in after if after[key] != before[key]} == {(lost.edge, lost.offset_cm)}


def test_the_nearest_places_come_first_with_their_walk(city: Network) -> None:
    found = selectors.near(*middle(city), at=NOON, limit=5, max_walk_m=800)
    assert len(found) == 5
    walks = [stop.walk_m for stop in found]
    assert walks == sorted(walks)
    lon, lat = middle(city)
    x0, y0 = city.graph.projection.forward(lon, lat)
    for stop in found:
        x, y = city.graph.projection.forward(stop.lon, stop.lat)
        assert stop.walk_m >= float(np.hypot(x - x0, y - y0)) - 1e-6
        assert stop.walk_s == pytest.approx(stop.walk_m / 1.33)
        assert selectors.place(stop.id).position == stop.position
    assert selectors.near(*middle(city), at=NOON, limit=2, max_walk_m=800) == found[:2]
    assert all(stop.walk_m <= 150 for stop in selectors.near(*middle(city), at=NOON, limit=50, max_walk_m=150))


@pytest.mark.parametrize(
    ("lon", "lat"), [(float("nan"), 1.0), (0.0, 0.0), (1e300, 1.0), (200.0, 43.0), (7.0, float("inf"))]
)
def test_nowhere_has_no_places(city: Network, lon: float, lat: float) -> None:
    assert selectors.near(lon, lat, at=NOON) == []


def test_zones_take_places_away(city: Network) -> None:
    found = selectors.near(*middle(city), at=NOON, limit=10, max_walk_m=800)
    nearest = shapely.Point(found[0].lon, found[0].lat)

    def publish(kind: str, polygon: Any) -> Any:
        row = zones.draft(kind=kind, name=kind, geometry=to_geojson(polygon), by="user:1")
        zones.publish(zone_ids=[row.id], by="user:1")
        return row.id

    kept = publish("no_stop", nearest.buffer(0.0001))
    left = selectors.near(*middle(city), at=NOON, limit=10, max_walk_m=800)
    assert found[0].id not in {stop.id for stop in left}
    zones.retire(zone_ids=[kept], by="user:1")
    assert selectors.near(*middle(city), at=NOON, limit=10, max_walk_m=800) == found
    # A no-go zone over the far end of its street closes the place too: no car could come.
    edge = found[0].position.edge
    end = shapely.Point(city.graph.edge_lonlat(edge)[-1])
    publish("no_go", end.buffer(0.00005))
    left = selectors.near(*middle(city), at=NOON, limit=10, max_walk_m=800)
    assert edge not in {stop.position.edge for stop in left}
    assert not odd_selectors.edge_mask(city, NOON)[edge]


def test_without_a_service_area_there_are_no_places(city: Network) -> None:
    ids = [z.id for z in zone_selectors.zones() if z.kind == "service_area"]
    zones.retire(zone_ids=ids, by="user:1")
    assert selectors.near(*middle(city), at=NOON) == []
    assert selectors.all_places(at=NOON) == []


def test_an_unknown_place_is_not_found(city: Network) -> None:
    with pytest.raises(NotFound):
        selectors.place(new_id())
