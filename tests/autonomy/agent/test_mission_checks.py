"""Missions that a car does not take."""

import math

import msgspec
import pytest

from autonomy.agent.life import Life
from autonomy.agent.mission_checks import MissionRefused, check_assignment
from autonomy.link import messages as m
from tests.autonomy.agent.errands import Street, leg, mission, ride, stop


def with_offsets(start: float, end: float, edges: list[int]) -> m.AssignMission:
    one = m.LegSpec(stop_index=0, edges=edges, start_offset_m=start, end_offset_m=end, distance_m=1.0, duration_s=1.0)
    where = m.StopSpec(stop_index=0, kind="park", lon=8.0, lat=50.0, edge=edges[-1], offset_m=end)
    return mission([where], [one])


def with_caps(*caps: tuple[int, float]) -> m.AssignMission:
    return mission([stop(0, 2)], [msgspec.structs.replace(leg(0, [0, 1, 2]), speed_caps=list(caps))])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (mission([stop(0, 2)], [leg(0, [0, 1, 2])], map_digest="another"), "map_mismatch"),
        (ride(previous=("m0", 1)), "previous_mismatch"),
        (mission([], []), "no_stops"),
        (mission([stop(0, 2), stop(2, 5)], [leg(0, [0, 1, 2]), leg(2, [2, 3, 4, 5])]), "bad_stops"),
        (mission([stop(0, 2), stop(1, 5)], [leg(0, [0, 1, 2])]), "bad_stops"),
        (mission([stop(0, 3)], [leg(0, [0, 1, 2])]), "stop_off_leg"),
        (mission([stop(0, 10)], [leg(0, [9, 10])]), "unknown_edge"),
        (mission([stop(0, 3)], [leg(0, [0, 1, 3])]), "leg_discontinuous"),
        (mission([stop(0, 2), stop(1, 5)], [leg(0, [0, 1, 2]), leg(1, [3, 4, 5])]), "leg_discontinuous"),
        (with_offsets(120.0, 50.0, [0, 1]), "leg_discontinuous"),
        (with_offsets(20.0, 120.0, [0, 1]), "leg_discontinuous"),
        (with_offsets(80.0, 20.0, [0]), "leg_discontinuous"),
        (with_caps((3, 5.0)), "bad_speed_caps"),
        (with_caps((-1, 5.0)), "bad_speed_caps"),
        (with_caps((1, 5.0), (1, 6.0)), "bad_speed_caps"),
        (with_caps((2, 5.0), (1, 6.0)), "bad_speed_caps"),
        (with_caps((1, 0.0)), "bad_speed_caps"),
        (with_caps((1, -2.0)), "bad_speed_caps"),
        (with_caps((1, math.inf)), "bad_speed_caps"),
        (with_caps((1, math.nan)), "bad_speed_caps"),
    ],
)
def test_a_mission_that_does_not_fit_is_refused_with_its_code(wrong: m.AssignMission, code: str) -> None:
    with pytest.raises(MissionRefused) as refused:
        check_assignment(wrong, Life(), Street())
    assert refused.value.code == code


def test_speed_caps_within_the_leg_are_taken() -> None:
    taken = check_assignment(with_caps((0, 3.0), (2, 4.5)), Life(), Street())
    assert taken.legs[0].speed_caps == [(0, 3.0), (2, 4.5)]


def test_a_mission_kept_before_there_were_speed_caps_has_none() -> None:
    plain = msgspec.to_builtins(leg(0, [0, 1, 2]))
    del plain["speed_caps"]
    assert msgspec.convert(plain, m.LegSpec).speed_caps == []


def test_a_mission_must_name_the_one_that_it_replaces() -> None:
    busy = Life(phase="driving", mission=ride())
    for wrong, code in (
        (ride("m2"), "previous_mismatch"),
        (ride("m2", previous=("m1", 2)), "previous_mismatch"),
        (ride("m1", 1, previous=("m1", 1)), "version_not_rising"),
    ):
        with pytest.raises(MissionRefused) as refused:
            check_assignment(wrong, busy, Street())
        assert refused.value.code == code
    assert check_assignment(ride("m2", previous=("m1", 1)), busy, Street()).mission_id == "m2"


def test_a_held_car_takes_no_new_mission_but_a_new_version_of_its_own() -> None:
    with pytest.raises(MissionRefused) as refused:
        check_assignment(ride(), Life(halt="hold", halt_reason="by hand"), Street())
    assert refused.value.code == "held"
    held = Life(phase="driving", mission=ride(), halt="hold", halt_reason="by hand")
    assert check_assignment(ride("m1", 2, previous=("m1", 1)), held, Street()).version == 2


def test_stops_that_were_left_already_are_not_driven_to_again() -> None:
    on_trip = Life(phase="driving", mission=ride(), stop_at=1, occupied=True)
    taken = check_assignment(ride("m1", 2, previous=("m1", 1)), on_trip, Street())
    assert [stop.stop_index for stop in taken.stops] == [1]
    assert [leg.stop_index for leg in taken.legs] == [1]


def test_a_mission_may_replace_one_that_has_just_ended() -> None:
    free = Life(ended_mission_id="m1")
    assert check_assignment(ride("m2", previous=("m1", 1)), free, Street()).mission_id == "m2"
    assert check_assignment(ride("m2"), free, Street()).mission_id == "m2"
    with pytest.raises(MissionRefused, match="previous_mismatch"):
        check_assignment(ride("m2", previous=("m0", 1)), free, Street())
    with pytest.raises(MissionRefused, match="previous_mismatch"):
        check_assignment(ride("m1", 2, previous=("m1", 1)), free, Street())
