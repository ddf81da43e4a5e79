"""What a compiled domain allows, and which reason it gives."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geofence.odd.domain.area import Area
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.verdict import Reason, Verdict
from geofence.zones.domain.kinds import ZoneKind
from tests.geofence.odd.conftest import area, daily

CITY = shapely.box(7.0, 43.0, 7.4, 43.4)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def odd(*areas: Area) -> CompiledOdd:
    return CompiledOdd(1, "digest", areas)


def test_without_a_service_area_everything_is_refused() -> None:
    empty = odd(area(ZoneKind.DEPOT, CITY), area(ZoneKind.SLOW, CITY, max_speed_mps=5))
    assert empty.verdict(7.2, 43.2, NOON) == Verdict(False, Reason.NO_SERVICE_AREA)
    assert not empty.check_points(np.array([7.2]), np.array([43.2]), NOON).any()
    route = empty.check_route(np.array([[7.1, 43.1], [7.2, 43.1]]), 0.0)
    assert not route.allowed
    assert [v.reason for v in route.violations] == [Reason.NO_SERVICE_AREA]


@pytest.mark.parametrize("kind", [ZoneKind.NO_GO, ZoneKind.EMERGENCY])
def test_forbidden_areas_are_named(kind: ZoneKind) -> None:
    closed = area(kind, shapely.box(7.1, 43.1, 7.2, 43.2), name="Harbour")
    domain = odd(area(ZoneKind.SERVICE_AREA, CITY), closed)
    assert domain.verdict(7.15, 43.15, NOON) == Verdict(False, Reason(kind.value), closed.zone_id, "Harbour")
    assert domain.verdict(7.1, 43.1, NOON).reason == Reason(kind.value)  # its edge belongs to it
    assert domain.contains(7.05, 43.05, NOON)
    assert domain.verdict(6.9, 43.1, NOON) == Verdict(False, Reason.OUTSIDE_SERVICE_AREA)


def test_no_stop_zones_are_driven_through_and_not_stopped_in() -> None:
    bus = area(ZoneKind.NO_STOP, shapely.box(7.1, 43.1, 7.2, 43.2), name="Bus lane")
    domain = odd(area(ZoneKind.SERVICE_AREA, CITY), bus)
    assert domain.contains(7.15, 43.15, NOON)
    assert domain.may_stop(7.15, 43.15, NOON) == Verdict(False, Reason.NO_STOP, bus.zone_id, "Bus lane")
    assert domain.may_stop(7.05, 43.05, NOON) == Verdict(True)
    assert domain.may_stop(1.0, 1.0, NOON).reason is Reason.OUTSIDE_SERVICE_AREA
    assert domain.check_stops(np.array([7.15, 7.05, 1.0]), np.array([43.15, 43.05, 1.0]), NOON).tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(("lon", "lat"), [(float("nan"), 43.1), (7.1, float("inf")), (1e300, 43.1), (7.1, 95.0)])
def test_an_unknown_position_is_never_inside(lon: float, lat: float) -> None:
    domain = odd(area(ZoneKind.SERVICE_AREA, CITY))
    assert domain.verdict(lon, lat, NOON) == Verdict(False, Reason.UNKNOWN_POSITION)
    assert not domain.check_points(np.array([lon]), np.array([lat]), NOON).any()


def test_an_unknown_time_closes_service_areas_with_hours_and_keeps_closed_what_is_closed_at_hours() -> None:
    service = area(ZoneKind.SERVICE_AREA, CITY, hours=daily("06:00", "22:00"))
    closed = area(ZoneKind.NO_GO, shapely.box(7.1, 43.1, 7.2, 43.2), hours=daily("01:00", "02:00"))
    assert odd(service).contains(7.05, 43.05, NOON)
    always = area(ZoneKind.SERVICE_AREA, CITY)
    for unknown in (float("nan"), float("inf"), -1.0, 1e18):
        assert odd(service).verdict(7.05, 43.05, unknown).reason is Reason.OUTSIDE_SERVICE_AREA
        assert odd(always, closed).verdict(7.15, 43.15, unknown).reason is Reason.NO_GO
        assert odd(always).contains(7.15, 43.15, unknown)


def test_a_moment_without_time_zone_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="time zone"):
        odd(area(ZoneKind.SERVICE_AREA, CITY)).contains(7.1, 43.1, datetime(2026, 6, 1))


def test_single_answers_are_those_of_many() -> None:
    rng = np.random.default_rng(5)
    domain = odd(
        area(ZoneKind.SERVICE_AREA, shapely.Point(7.2, 43.2).buffer(0.2)),
        area(ZoneKind.SERVICE_AREA, shapely.box(7.3, 43.0, 7.6, 43.1), hours=daily("00:00", "12:00")),
        area(ZoneKind.NO_GO, shapely.Point(7.2, 43.2).buffer(0.05)),
        area(ZoneKind.EMERGENCY, shapely.box(7.3, 43.2, 7.35, 43.3), hours=daily("03:00", "05:00")),
    )
    lon, lat = rng.uniform(6.9, 7.7, 2000), rng.uniform(42.9, 43.5, 2000)
    times = rng.uniform(0, 86_400, 2000)
    many = domain.check_points(lon, lat, times)
    assert many.tolist() == [domain.contains(x, y, t) for x, y, t in zip(lon, lat, times, strict=True)]
    assert 100 < many.sum() < 1900
