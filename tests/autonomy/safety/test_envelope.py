"""The envelope and the steering: who is dangerous on which way, and where the car is kept."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomy.safety.envelope import Body, danger, junction_bound
from autonomy.safety.lane import Lane, Place, Track
from autonomy.safety.obstacles import Kind, Obstacle, swept
from autonomy.safety.rss import (
    RssBounds,
    lateral_reach_m,
    needed_brake_mps2,
    opposite_gap_m,
    safe_gap_m,
    stopping_m,
)
from autonomy.safety.steering import Scene, choose_way

RSS = RssBounds()
CAR = Body(10.0, 3.9, 1.1, 2.0, 8.0)
STRAIGHT = Track([0.0, 80.0], [0.0, 0.0])
LANE = Lane([(2.0 * k, 0.0, 0.0) for k in range(100)], 2.0)
STEP_S = 0.2


def body(kind: Kind = Kind.STANDING, ahead: float = 10.0, left: float = 0.0, **changes: object) -> Obstacle:
    known = Obstacle(kind, ahead, 4.5, left - 1.0, left + 1.0)
    return replace(known, **changes)  # type: ignore[arg-type]


def bound(*bodies: Obstacle, track: Track = STRAIGHT, car: Body = CAR) -> float:
    return danger(track, bodies, car, RSS, LANE).accel_max_mps2


def test_stopping_distance_and_gaps_by_hand() -> None:
    assert stopping_m(10.0, 0.3, 2.5, 4.5) == pytest.approx(3.0 + 0.1125 + 10.75**2 / 9)
    assert safe_gap_m(10.0, 0.0, RSS) == pytest.approx(15.953, abs=1e-3)
    assert safe_gap_m(10.0, 10.0, RSS) == pytest.approx(15.953 - 6.25, abs=1e-3)
    assert opposite_gap_m(10.0, 10.0, RSS) == pytest.approx(2 * 15.953, abs=2e-3)
    assert lateral_reach_m(-1.0, RSS) == lateral_reach_m(0.0, RSS)
    assert needed_brake_mps2(10.0, 10.0) == 5.0
    assert needed_brake_mps2(0.0, 10.0) == float("inf")


@pytest.mark.parametrize(
    ("obstacle", "expected"),
    [
        (body(ahead=20.0), 2.5),  # 15.95 m and the stand-off suffice
        (body(ahead=16.0), -4.5),
        (body(ahead=8.0), -7.237),  # 1.1 times what is needed to stop 0.4 m before it
        (body(ahead=1.0), -8.0),
        (body(ahead=8.0, left=2.3), 2.5),  # beside the way
        (body(ahead=8.0, left=1.9), -7.237),
        (body(Kind.VEHICLE, 12.0, along_mps=10.0), 2.5),
        (body(Kind.VEHICLE, 9.0, along_mps=10.0), -4.5),
        (body(Kind.VEHICLE, 25.0, 3.3, along_mps=-10.0), 2.5),  # comes along in its own lane
        (body(Kind.VEHICLE, 25.0, 0.5, along_mps=-10.0), -4.5),
        (body(Kind.VEHICLE, 25.0, 3.3, along_mps=-10.0, across_mps=-2.5), -4.5),  # comes over
        (body(Kind.VEHICLE, 8.0, 12.0, across_mps=-7.0, crossing=True), 2.5),  # can still give way
        (body(Kind.VEHICLE, 8.0, 8.0, across_mps=-7.0, crossing=True), -7.237),
        (body(Kind.VEHICLE, 8.0, -6.0, across_mps=-7.0, crossing=True), 2.5),  # has crossed
        (body(Kind.WALKER, 8.0, 3.0, crossing=True, across_mps=-1.4), -7.237),
        (body(Kind.WALKER, 8.0, 3.0, crossing=True, across_mps=1.4), 2.5),  # walks away
        (body(Kind.WALKER, 8.0, 3.0), 2.5),  # waits
        (body(Kind.VEHICLE, -12.0, 0.0, along_mps=12.0), 2.5),  # behind
    ],
)
def test_the_proper_response_by_body(obstacle: Obstacle, expected: float) -> None:
    assert bound(obstacle) == pytest.approx(expected, abs=1e-3)


def test_a_body_beside_the_car_that_comes_over_is_let_in() -> None:
    beside = body(Kind.VEHICLE, -2.0, 2.4, along_mps=10.0, across_mps=-1.2)
    assert bound(beside) == -8.0
    assert bound(replace(beside, across_mps=0.0)) == 2.5


def test_braking_is_that_of_the_weakest_brakes_known() -> None:
    weak = RssBounds(brake_min_mps2=2.0)
    assert danger(STRAIGHT, [body(ahead=20.0)], CAR, weak, LANE).accel_max_mps2 < 0.0


@pytest.mark.parametrize(
    ("line_m", "speed", "expected"),
    [(30.0, 10.0, 2.5), (10.0, 10.0, -5.0), (14.0, 10.0, -4.5), (3.0, 12.0, 2.5), (-1.0, 5.0, 2.5), (0.7, 0.0, 2.5)],
)
def test_before_a_closed_line_the_car_brakes_unless_it_cannot_stop(
    line_m: float, speed: float, expected: float
) -> None:
    assert junction_bound(line_m, speed, RSS, 8.0) == pytest.approx(expected)


def rows(left_m: float, *, within_s: float = 1.0, speed: float = 10.0) -> list[tuple[float, float, float, float]]:
    return [(speed * STEP_S * k, left_m * min(STEP_S * k / within_s, 1.0), 0.0, speed) for k in range(1, 21)]


def scene(*bodies: Obstacle, left: float = 0.0, heading: float = 0.0, band: float = 1.5, speed: float = 10.0) -> Scene:
    return Scene(LANE, Place(0.0, left, heading), replace(CAR, speed_mps=speed), bodies, (-band, band), RSS)


def test_a_way_in_the_lane_is_left_alone() -> None:
    assert choose_way(scene(), rows(0.4), None, STEP_S).corrected == ""


def test_a_way_out_of_the_lane_is_not_driven() -> None:
    choice = choose_way(scene(), rows(3.0), None, STEP_S)
    assert choice.corrected == "off_lane"
    assert max(choice.track.left_m) <= 0.0 + 1e-9


def test_out_of_the_lane_is_allowed_where_the_band_is_wider() -> None:
    assert choose_way(scene(band=4.0), rows(3.0, within_s=3.0), None, STEP_S).corrected == ""


def test_a_car_outside_its_lane_may_come_back() -> None:
    assert choose_way(scene(left=2.5), rows(0.0), None, STEP_S).corrected == ""


def test_a_way_into_a_body_beside_the_lane_is_not_driven_and_one_round_a_body_in_it_is() -> None:
    parked = body(ahead=12.0, left=-2.5)
    assert choose_way(scene(parked, band=3.0), rows(-1.4, within_s=1.5), None, STEP_S).corrected == "steer:standing"
    blocking = body(ahead=22.0, left=0.0, length_m=5.0)
    around = choose_way(scene(blocking, band=5.0), rows(3.0, within_s=1.6), None, STEP_S)
    assert (around.corrected, around.risk.accel_max_mps2) == ("", 2.5)


def test_a_way_that_no_car_can_drive_does_not_count_as_a_way_round() -> None:
    near = body(ahead=2.0, left=0.0)
    sideways = [(0.3 * k, -1.0 * k, 0.0, 3.0) for k in range(1, 21)]
    choice = choose_way(scene(near, band=9.0, speed=3.0), sideways, None, STEP_S)
    assert choice.risk.accel_max_mps2 < 0.0


def test_passing_is_given_up_beside_the_body_not_into_it() -> None:
    beside = body(ahead=-2.0, left=-1.0, length_m=8.0)
    choice = choose_way(scene(beside, left=2.2, band=4.0), rows(-1.0), rows(2.2), STEP_S)
    assert choice.corrected == "steer:standing"
    assert min(choice.track.left_m) >= 2.0


numbers = st.floats(-8.0, 8.0)


@settings(max_examples=150, deadline=None)
@given(
    left=st.floats(-6.0, 6.0),
    ahead=st.floats(-20.0, 60.0),
    along=st.floats(-15.0, 15.0),
    across=st.floats(-8.0, 8.0),
    speed=st.floats(0.0, 20.0),
    kind=st.sampled_from(list(Kind)),
    crossing=st.booleans(),
    target=st.floats(-6.0, 6.0),
)
def test_whatever_is_around_the_answer_is_a_way_in_the_band_and_a_bound_that_the_car_can_keep(
    left: float, ahead: float, along: float, across: float, speed: float, kind: Kind, crossing: bool, target: float
) -> None:
    obstacle = body(kind, ahead, left, along_mps=along, across_mps=across, crossing=crossing)
    choice = choose_way(scene(obstacle, speed=speed), rows(target, speed=speed), None, STEP_S)
    assert -8.0 <= choice.risk.accel_max_mps2 <= 2.5
    if choice.corrected:
        assert max(map(abs, choice.track.left_m)) <= 1.5 + 1e-9
    if choice.risk.spare_m >= 0.0:
        assert choice.risk.accel_max_mps2 == 2.5
    low, high = swept(obstacle, 2.0)
    assert low < obstacle.low_m
    assert high > obstacle.high_m


@settings(max_examples=60, deadline=None)
@given(
    speed=st.floats(0.0, 15.0),
    oncoming=st.floats(0.0, 15.0),
    wishes=st.lists(st.floats(-8.0, 2.5), min_size=1, max_size=20),
)
def test_two_that_keep_the_opposite_gap_stop_before_they_meet(
    speed: float, oncoming: float, wishes: list[float]
) -> None:
    gap, dt = opposite_gap_m(speed, oncoming, RSS), 0.05
    danger_s = 0.0
    for tick in range(400):
        dangerous = gap < opposite_gap_m(speed, oncoming, RSS) + 1e-9
        danger_s = danger_s + dt if dangerous else 0.0
        accel = wishes[tick % len(wishes)] if danger_s <= RSS.response_s - dt else -RSS.brake_min_mps2
        a = max(0.0, speed + min(accel, RSS.accel_mps2) * dt)
        b = max(0.0, oncoming + min(accel, RSS.accel_mps2) * dt)
        gap -= (speed + a + oncoming + b) / 2 * dt
        speed, oncoming = a, b
        assert gap > -1e-6


def test_the_lane_knows_its_places_on_a_bend() -> None:
    from math import cos, pi, sin

    arc = [(50 * sin(k * 2 / 50), 50 - 50 * cos(k * 2 / 50), k * 2 / 50) for k in range(60)]
    lane = Lane(arc, 2.0)
    for s, left in [(0.0, 0.0), (13.0, 1.5), (40.0, -2.0)]:
        x, y, heading = lane.point(s, left)
        place, _ = lane.locate(x, y, heading)
        assert place.s_m == pytest.approx(s, abs=0.1)
        assert place.left_m == pytest.approx(left, abs=0.05)
        assert place.heading_rad == pytest.approx(0.0, abs=0.03)
    assert lane.bend_at(20.0) == pytest.approx(1 / 50)
    turned, _ = lane.locate(arc[10][0], arc[10][1], arc[10][2] + 2 * pi)
    assert turned.heading_rad == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ValueError, match="path: needs two rows"):
        Lane([(0.0, 0.0, 0.0)], 2.0)
