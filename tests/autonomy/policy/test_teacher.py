"""The teacher before people, vehicles, works, bad sight: one observation at a time."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.language import QUESTIONS, cause_of
from autonomy.policy.base import Policy
from autonomy.policy.rules import RulesPolicy
from autonomy.policy.teacher import Teacher
from autonomy.world import Action, Cause, Hazard, HazardKind, JunctionAhead, LeaderAhead, Observation, Signal, Weather
from autonomy.world.scene import LensFault
from tests.autonomy.policy.sights import blocked, seen, thing


def act(observation: Observation) -> Action:
    (action,) = Teacher().act([observation])
    assert np.isfinite(action.trajectory).all()
    return action


def reach(action: Action) -> float:
    return float(action.trajectory[-1, 0])


def stands(action: Action) -> bool:
    return float(action.trajectory[-1, 3]) < 0.6


def test_it_is_a_policy_and_drives_as_the_rules_do() -> None:
    assert isinstance(Teacher(), Policy)
    assert Teacher().name == "teacher/1"
    watched = seen(9.0, hazards=(thing(HazardKind.PARKED, 15.0, -1.9),))
    assert (Teacher().act([watched])[0].trajectory == RulesPolicy().act([watched])[0].trajectory).all()


def test_the_same_observation_gives_the_same_action_whatever_came_before() -> None:
    teacher, watched = Teacher(), blocked()
    first = teacher.act([watched])[0]
    teacher.act([seen(3.0), seen(12.0)])
    assert (teacher.act([watched])[0].trajectory == first.trajectory).all()


@pytest.mark.parametrize(
    ("walker", "yields"),
    [
        (thing(HazardKind.PEDESTRIAN, 15.0, 0.2, state="crossing", across_mps=1.4), True),
        (thing(HazardKind.PEDESTRIAN, 15.0, -3.0, state="crossing", across_mps=1.4), True),
        (thing(HazardKind.PEDESTRIAN, 15.0, 3.0, state="crossing", across_mps=-1.4), True),
        (thing(HazardKind.PEDESTRIAN, 15.0, 3.0, state="crossing", across_mps=1.4), False),
        (thing(HazardKind.PEDESTRIAN, 15.0, -4.5, state="waiting"), True),
        (thing(HazardKind.PEDESTRIAN, 15.0, -4.5, state="walking"), False),
        (thing(HazardKind.CYCLIST, 15.0, -4.0, across_mps=3.0), True),
        (thing(HazardKind.UNKNOWN, 15.0, -4.0, across_mps=3.0), True),
    ],
)
def test_it_stops_for_who_is_on_the_way_or_comes_and_only_for_them(walker: Hazard, yields: bool) -> None:
    action = act(seen(7.0, hazards=(walker,)))
    assert (reach(action) < 15.0 + 4.0 - 1.0) is yields
    wanted = {HazardKind.PEDESTRIAN: "pedestrian", HazardKind.CYCLIST: "cyclist"}.get(walker.kind, "unknown_object")
    assert (action.cause == wanted) is yields


def test_who_waits_at_a_signal_is_not_waited_for_at_green() -> None:
    waits = thing(HazardKind.PEDESTRIAN, 15.0, -4.5, state="waiting")
    green = JunctionAhead(12.0, Signal.GREEN, True, 35.0)
    assert reach(act(seen(7.0, hazards=(waits,), junction=green))) > 24.0


def test_behind_a_stopped_vehicle_it_keeps_room_to_pull_out_and_asks() -> None:
    action = act(blocked(30.0))
    assert reach(action) < 30.0 - 9.0 + 4.0 + 0.5
    assert act(blocked(9.0, speed=0.0)).trajectory[-1, 3] == 0.0
    assert act(blocked(12.0)).help == QUESTIONS[Cause.BLOCKED]
    assert act(blocked(10.0, speed=0.0)).cause == "blocked"


def test_parked_vehicles_that_leave_room_are_passed_within_the_lane() -> None:
    action = act(seen(8.0, hazards=(thing(HazardKind.PARKED, 15.0, -2.2),)))
    assert 0.2 < action.trajectory[:, 1].max() <= 0.53
    assert reach(action) > 24.0
    free = act(seen(8.0, hazards=(thing(HazardKind.PARKED, 15.0, -3.2),)))
    assert np.abs(free.trajectory[:, 1]).max() == 0.0


def test_works_are_passed_over_the_other_lane_when_it_is_free_and_waited_for_when_not() -> None:
    works = thing(HazardKind.WORKS, 15.0, -0.6, length_m=20.0)
    leader = LeaderAhead(15.0, 0.0, "it")
    action = act(seen(6.0, hazards=(works,), leader=leader))
    assert action.trajectory[:, 1].max() > 1.4
    assert action.cause == "works"
    assert action.help is None
    comes = thing(HazardKind.VEHICLE, 50.0, 3.25, along_mps=-9.0, state="oncoming", ident="other")
    waits = act(seen(6.0, hazards=(works, comes), leader=leader))
    assert np.abs(waits.trajectory[:, 1]).max() == 0.0
    assert reach(waits) < 15.0


def test_a_cyclist_is_passed_with_distance_or_followed() -> None:
    cyclist = thing(HazardKind.CYCLIST, 12.0, -0.6, along_mps=4.0, width_m=0.7, length_m=1.8)
    watched = seen(7.0, hazards=(cyclist,), leader=LeaderAhead(12.0, 4.0, "it"))
    beside = -0.6 + 0.35 + 1.5 + 1.0
    assert act(watched).trajectory[:, 1].max() > 0.7 * beside
    comes = thing(HazardKind.VEHICLE, 60.0, 3.25, along_mps=-9.0, state="oncoming", ident="other")
    follows = act(replace(watched, hazards=(cyclist, comes)))
    assert np.abs(follows.trajectory[:, 1]).max() == 0.0
    assert follows.cause == "cyclist"
    near_junction = act(replace(watched, junction=JunctionAhead(30.0, Signal.GREEN, True, 60.0)))
    assert np.abs(near_junction.trajectory[:, 1]).max() == 0.0


@pytest.mark.parametrize("left_m", [0.0, 3.3])
def test_nobody_passes_a_school_bus_that_flashes(left_m: float) -> None:
    bus = thing(HazardKind.SCHOOL_BUS, 25.0, left_m, state="flashing", length_m=11.0)
    action = act(seen(8.0, hazards=(bus,)))
    assert reach(action) < 25.0 - 9.0 + 4.0
    assert action.cause == "school_bus"
    dark = act(seen(8.0, hazards=(replace(bus, state="dark", left_m=3.3, clear_m=1.3),)))
    assert reach(dark) > 30.0


def test_an_officer_stands_above_the_light() -> None:
    officer = thing(HazardKind.OFFICER, 22.0, 0.5, state="stop")
    green = JunctionAhead(15.0, Signal.GREEN, True, 40.0)
    halted = act(seen(7.0, hazards=(officer,), junction=green))
    assert reach(halted) < 15.0
    assert halted.cause == "officer"
    red = JunctionAhead(15.0, Signal.RED, False, 40.0)
    waved = act(seen(5.0, hazards=(replace(officer, state="go", left_m=4.0, clear_m=2.7),), junction=red))
    assert reach(waved) > 17.0
    assert waved.cause == "officer"


def test_for_blue_lights_from_behind_it_goes_aside_and_stands() -> None:
    siren = thing(HazardKind.EMERGENCY, -30.0, 0.0, along_mps=15.0, state="behind")
    action = act(seen(8.0, hazards=(siren,)))
    assert action.trajectory[-1, 1] < -0.5
    assert float(action.trajectory[-1, 3]) < 1.5
    assert action.cause == "emergency"


def test_an_unknown_thing_in_the_lane_ends_in_a_stop_and_a_question() -> None:
    action = act(seen(5.0, hazards=(thing(HazardKind.UNKNOWN, 18.0),), leader=LeaderAhead(18.0, 0.0, "it")))
    assert reach(action) < 18.0
    assert (action.cause, action.help) == ("unknown_object", QUESTIONS[Cause.UNKNOWN_OBJECT])


@pytest.mark.parametrize(
    ("weather", "ends"),
    [
        (Weather(visibility_m=50.0), True),
        (Weather(visibility_m=120.0), False),
        (Weather(sun_elevation_rad=-0.3, street_lights=False), True),
        (Weather(sun_elevation_rad=-0.3, street_lights=True), False),
        (Weather(rain=0.95), True),
        (Weather(rain=0.5), False),
    ],
)
def test_where_it_sees_too_little_it_stops_and_asks(weather: Weather, ends: bool) -> None:
    action = act(seen(7.0, weather=weather))
    assert stands(action) is ends
    assert (action.help is not None) is ends
    assert (action.cause == "low_visibility") is ends


def test_with_a_dead_front_camera_it_stops_and_with_a_dead_side_camera_it_is_careful() -> None:
    front = act(seen(7.0, lens={"front_wide": (LensFault.BLACK, 1.0)}))
    assert stands(front)
    assert (front.cause, front.help) == ("camera_fault", QUESTIONS[Cause.CAMERA_FAULT])
    side = act(seen(9.0, lens={"left": (LensFault.FROZEN, 1.0)}))
    assert 5.0 < side.trajectory[-1, 3] <= 6.3
    assert side.help is not None
    assert act(seen(9.0, lens={"front_wide": (LensFault.NONE, 0.0)})).help is None


def test_a_car_beside_its_lane_comes_back_on_a_curve_that_begins_where_it_is() -> None:
    action = act(seen(6.0, lateral=2.5))
    assert abs(action.trajectory[0, 1] - 2.5) < 0.1
    assert abs(action.trajectory[-1, 1]) < 0.4
    assert (np.diff(action.trajectory[:, 1]) <= 1e-9).all()


def test_what_it_says_is_the_sentence_of_its_cause() -> None:
    for watched in (seen(), blocked(), seen(0.0, may_leave_kerb=False)):
        action = act(watched)
        assert cause_of(action.explanation) == action.cause
    assert act(seen(0.0, may_leave_kerb=False)).cause == "leaving_kerb"
    assert act(seen(5.0, junction=JunctionAhead(12.0, Signal.RED, False, 40.0))).cause == "red_light"
    assert act(seen(5.0, junction=JunctionAhead(12.0, Signal.NONE, False, 40.0))).cause == "yield"
    assert act(seen(9.0, leader=LeaderAhead(10.0, 5.0))).cause == "follow"
