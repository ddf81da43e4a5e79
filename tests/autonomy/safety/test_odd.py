"""The domain on the car: the platform's file, the way ahead, weather and light."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomy.agent.odd_watch import OddWatch
from autonomy.safety.odd import Conditions, OddMap, OddSight, OddStatus, read_odd, sight_speed_mps

NOON, DAY = 1_700_000_000.0, 86_400.0


def content(**changes: object) -> dict[str, object]:
    """Ten edges of 100 m: 0 to 5 inside, 6 up to 40 m, the others outside; from noon on edge 3 is closed."""

    def bits(inside: set[int]) -> str:
        value = sum(1 << (15 - edge) for edge in inside)
        return base64.b64encode(value.to_bytes(2, "big")).decode()

    known: dict[str, object] = {
        "format": 1,
        "version": 7,
        "digest": "d",
        "map_digest": "town",
        "edges": 10,
        "masks": [
            {"whole": bits({0, 1, 2, 3, 4, 5}), "cut": {"6": [[0.0, 40.0]]}},
            {"whole": bits({0, 1, 2, 4, 5}), "cut": {}},
        ],
        "slices": [{"from": NOON - DAY, "to": NOON, "mask": 0}, {"from": NOON, "to": NOON + DAY, "mask": 1}],
        "conditions": {"visibility_m": 80.0},
    }
    return known | changes


def domain() -> OddMap:
    return read_odd(json.dumps(content()))


def sight(edge: int, offset: float, onward: list[int], at_s: float = NOON - 60.0) -> OddSight:
    return domain().sight(edge, offset, onward, lambda _: 100.0, at_s)


@pytest.mark.parametrize(
    ("edge", "offset", "onward", "expected"),
    [
        (0, 50.0, [1, 2, 3], OddSight(OddStatus.INSIDE)),
        (0, 50.0, [], OddSight(OddStatus.INSIDE)),
        (4, 20.0, [5, 6, 7], OddSight(OddStatus.INSIDE)),  # 220 m are left
        (5, 20.0, [6, 7], OddSight(OddStatus.NEAR_EDGE, 120.0)),
        (5, 80.0, [8], OddSight(OddStatus.NEAR_EDGE, 20.0)),
        (6, 10.0, [7], OddSight(OddStatus.NEAR_EDGE, 30.0)),
        (6, 50.0, [7], OddSight(OddStatus.OUTSIDE, 0.0)),
        (7, 0.0, [], OddSight(OddStatus.OUTSIDE, 0.0)),
        (99, 0.0, [], OddSight()),
        (0, 90.0, [99], OddSight()),
    ],
)
def test_where_the_car_is_and_how_far_its_way_stays_inside(
    edge: int, offset: float, onward: list[int], expected: OddSight
) -> None:
    assert sight(edge, offset, onward) == expected


def test_hours_count_and_a_time_that_the_file_does_not_cover_is_unknown() -> None:
    assert sight(3, 10.0, [], NOON - 1.0).status is OddStatus.INSIDE
    assert sight(3, 10.0, [], NOON).status is OddStatus.OUTSIDE
    assert sight(2, 50.0, [3], NOON) == OddSight(OddStatus.NEAR_EDGE, 50.0)
    assert sight(0, 0.0, [], NOON + DAY).status is OddStatus.UNKNOWN


@settings(max_examples=100, deadline=None)
@given(st.integers(-3, 12), st.floats(-10.0, 120.0), st.lists(st.integers(-3, 12), max_size=6), st.floats(-2.0, 2.0))
def test_nothing_that_is_not_known_is_inside(edge: int, offset: float, onward: list[int], days: float) -> None:
    told = sight(edge, offset, onward, NOON + days * DAY)
    inside = {0, 1, 2, 3, 4, 5} if days < 0 else {0, 1, 2, 4, 5}
    if told.status in (OddStatus.INSIDE, OddStatus.NEAR_EDGE):
        assert -1.0 <= days < 1.0
        assert edge in inside or (edge == 6 and 0.0 <= offset <= 40.0)
        assert told.left_m >= 0.0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"format": 2}, "odd.format"),
        ({"edges": -1}, "odd.edges"),
        ({"edges": 40}, r"odd.masks\[0\].whole: 2 bytes do not fit 40 edges"),
        ({"masks": [{"whole": "%%", "cut": {}}]}, r"odd.masks\[0\].whole: not base64"),
        ({"masks": {}}, "odd.masks: must be a list"),
        ({"slices": [{"from": 1, "to": 0, "mask": 0}]}, r"odd.slices\[0\]"),
        ({"slices": [{"from": 0, "to": 1, "mask": 9}]}, r"odd.slices\[0\]"),
        ({"digest": 3}, "odd.digest"),
        ({"conditions": {"visibility_m": "far"}}, "odd.conditions.visibility_m"),
        ({"conditions": {"moon": 1.0}}, "odd.conditions.moon: unknown"),
    ],
)
def test_a_damaged_file_is_refused_by_field(changes: dict[str, object], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        read_odd(json.dumps(content(**changes)))
    with pytest.raises(ValueError, match="odd: not JSON"):
        read_odd(b"\x00")


def judged(conditions: Conditions | None = None, **weather: float | bool) -> tuple[OddStatus, str]:
    known: dict[str, float | bool] = {"visibility_m": 10_000.0, "rain": 0.0, "sun_elevation_rad": 0.8}
    known |= {"street_lights": True} | weather
    return (conditions or Conditions()).judge(**known)  # type: ignore[arg-type]


def test_weather_and_light() -> None:
    assert judged() == (OddStatus.INSIDE, "")
    assert judged(visibility_m=59.0) == (OddStatus.OUTSIDE, "low_visibility")
    assert judged(visibility_m=100.0) == (OddStatus.NEAR_EDGE, "low_visibility")
    assert judged(rain=0.9) == (OddStatus.OUTSIDE, "heavy_rain")
    assert judged(rain=0.8) == (OddStatus.NEAR_EDGE, "heavy_rain")
    assert judged(sun_elevation_rad=-0.2) == (OddStatus.INSIDE, "")
    assert judged(sun_elevation_rad=-0.2, street_lights=False) == (OddStatus.OUTSIDE, "dark")
    assert judged(rain=float("nan")) == (OddStatus.UNKNOWN, "conditions_unknown")
    assert judged(domain().conditions, visibility_m=70.0) == (OddStatus.OUTSIDE, "low_visibility")


def test_the_car_drives_so_that_it_stops_within_what_it_sees() -> None:
    speed = sight_speed_mps(100.0)
    assert speed * speed / (2 * 3.0) == pytest.approx(60.0)
    assert sight_speed_mps(-5.0) == 0.0


class Town:
    digest = "town"
    edge_count = 10

    def length_m(self, edge: int) -> float:
        return 100.0


def test_the_watch_reads_the_file_again_and_forgets_what_was_taken_back(tmp_path: Path) -> None:
    now, path = [NOON - 60.0], tmp_path / "odd.json"
    watch = OddWatch(path, Town(), clock=lambda: now[0])

    def look() -> OddStatus:
        now[0] += 3.0
        watch.refresh()
        return watch.sight(0, 10.0, [1, 2]).status

    assert look() is OddStatus.UNKNOWN
    path.write_text(json.dumps(content()))
    assert look() is OddStatus.INSIDE
    assert watch.conditions.visibility_m == 80.0
    path.write_text(json.dumps(content(map_digest="another", version=8)))
    assert look() is OddStatus.UNKNOWN
    path.write_text(json.dumps(content(version=9)))
    assert look() is OddStatus.INSIDE
    path.write_text("{" + " " * 40)
    assert look() is OddStatus.UNKNOWN
    path.unlink()
    assert look() is OddStatus.UNKNOWN
    assert watch.conditions == Conditions()
    assert OddWatch(None, Town()).refresh() is False
