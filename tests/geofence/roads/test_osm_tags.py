"""What tags mean for a car."""

import pytest

from geofence.roads.domain.graph import EdgeFlag, RoadClass
from geofence.roads.domain.osm.speeds import parse_maxspeed
from geofence.roads.domain.osm.tags import Exclusion, Lane, WayProfile, area_kind, blocks, is_signal, profile

KMH = 1 / 3.6


def way_of(**tags: str) -> WayProfile:
    """The profile of a way that cars may use."""
    way = profile({"highway": "residential"} | {key.replace("__", ":"): value for key, value in tags.items()})
    assert isinstance(way, WayProfile)
    return way


def speed(lane: Lane | None) -> float:
    """Metres a second of a direction that is open."""
    assert lane is not None
    return lane.speed_mps


@pytest.mark.parametrize(
    ("value", "mps"),
    [
        ("50", 50 * KMH),
        ("50 km/h", 50 * KMH),
        ("30 mph", 30 * 0.44704),
        ("30mph", 30 * 0.44704),
        ("10 knots", 5.14444),
        ("walk", 7 * KMH),
        ("none", 130 * KMH),
        ("300", 130 * KMH),
        ("DE:urban", 50 * KMH),
        ("RU:urban", 60 * KMH),
        ("DE:rural", 100 * KMH),
        ("XX:rural", 90 * KMH),
        ("DE:zone:30", 30 * KMH),
        ("FR:zone30", 30 * KMH),
        ("GB:nsl_single", 60 * 0.44704),
        ("50;30", 30 * KMH),
    ],
)
def test_maxspeed_is_read(value: str, mps: float) -> None:
    assert parse_maxspeed(value) == pytest.approx(mps, rel=1e-6)


@pytest.mark.parametrize("value", ["", "signals", "variable", "0", "-50", "fast", "1e9", "nan", "∞", "50 furlongs"])
def test_maxspeed_without_a_meaning_is_ignored(value: str) -> None:
    assert parse_maxspeed(value) is None


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "no"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "circular"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "no"}, True, True),
        ({"highway": "motorway_link"}, True, False),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, True, True),
    ],
)
def test_directions(tags: dict[str, str], forward: bool, backward: bool) -> None:
    way = way_of(**tags)
    assert (way.forward is not None, way.backward is not None) == (forward, backward)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "footway"}, Exclusion.NOT_FOR_CARS),
        ({"highway": "construction", "construction": "primary"}, Exclusion.NOT_FOR_CARS),
        ({"highway": "proposed"}, Exclusion.NOT_FOR_CARS),
        ({"highway": "residential", "access": "private"}, Exclusion.ACCESS),
        ({"highway": "residential", "access": "no"}, Exclusion.ACCESS),
        ({"highway": "residential", "motor_vehicle": "no"}, Exclusion.ACCESS),
        ({"highway": "residential", "motor_vehicle": "yes", "motorcar": "no"}, Exclusion.ACCESS),
        ({"highway": "service", "access": "customers"}, Exclusion.ACCESS),
        ({"highway": "residential", "access": "no one knows"}, Exclusion.ACCESS),
        ({"highway": "service", "service": "parking_aisle"}, Exclusion.SERVICE),
        ({"highway": "service", "area": "yes"}, Exclusion.AREA),
        ({"highway": "primary", "oneway": "reversible"}, Exclusion.REVERSIBLE),
    ],
)
def test_ways_that_cars_may_not_use(tags: dict[str, str], reason: str) -> None:
    assert profile(tags) is reason


@pytest.mark.parametrize(
    "tags", [{"access": "no", "motor_vehicle": "yes"}, {"access": "destination"}, {"vehicle": "no", "motorcar": "yes"}]
)
def test_the_most_specific_access_key_decides(tags: dict[str, str]) -> None:
    assert way_of(**tags).forward is not None


@pytest.mark.parametrize(
    ("tags", "lanes"),
    [
        ({}, (1, 1)),
        ({"lanes": "4"}, (2, 2)),
        ({"lanes": "3", "lanes:forward": "2"}, (2, 1)),
        ({"lanes": "3", "lanes:backward": "2"}, (1, 2)),
        ({"lanes": "1"}, (1, 1)),
        ({"lanes": "3", "oneway": "yes"}, (3, 0)),
        ({"lanes": "many"}, (1, 1)),
        ({"lanes": "0"}, (1, 1)),
        ({"highway": "motorway"}, (2, 0)),
    ],
)
def test_lanes_by_direction(tags: dict[str, str], lanes: tuple[int, int]) -> None:
    way = way_of(**({"highway": "primary"} | tags))
    assert tuple(lane.lanes if lane else 0 for lane in (way.forward, way.backward)) == lanes


def test_speed_by_direction_then_sign_then_zone_then_class() -> None:
    way = way_of(maxspeed="50", maxspeed__backward="30")
    assert (speed(way.forward), speed(way.backward)) == pytest.approx((50 * KMH, 30 * KMH))
    assert speed(way_of(highway="primary", source__maxspeed="FR:rural").forward) == pytest.approx(80 * KMH)
    assert speed(way_of(highway="primary", maxspeed="signals").forward) == pytest.approx(50 * KMH)
    assert speed(way_of(highway="living_street").forward) == pytest.approx(10 * KMH)


def test_class_flags_and_name() -> None:
    way = way_of(highway="trunk_link", bridge="viaduct", tunnel="no", ref="B 1")
    assert (way.road, way.flags, way.name) == (RoadClass.TRUNK, EdgeFlag.LINK | EdgeFlag.BRIDGE, "B 1")


def test_barriers_signals_and_areas() -> None:
    assert blocks({"barrier": "bollard"})
    assert not blocks({"barrier": "bollard", "motor_vehicle": "yes"})
    assert not blocks({"barrier": "gate"})
    assert blocks({"barrier": "gate", "access": "private"})
    assert not blocks({"barrier": "kerb"})
    assert is_signal({"highway": "crossing", "crossing": "traffic_signals"})
    assert [area_kind({"natural": "water"}), area_kind({"leisure": "park"}), area_kind({"building": "yes"})] == [
        "water",
        "park",
        "building",
    ]
    assert area_kind({"building": "no"}) is None
