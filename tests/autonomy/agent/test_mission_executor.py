"""What a car does with its missions, told as stories over the pure executor."""

import pytest
from msgspec.structs import replace

from autonomy.agent.life import reported_state
from autonomy.agent.orders import CommandRefused
from autonomy.agent.stages import BLIND_LEG_S, NO_KERB_S, break_down, monitored
from autonomy.link import messages as m
from autonomy.safety.modes import Mode
from autonomy.world.observation import Directive
from tests.autonomy.agent.errands import Story, leg, mission, ride, stop


def at_pickup() -> Story:
    story = Story()
    story.order(ride())
    story.passes(5.0, moving=True, arrived=True)
    story.told()
    return story


def with_rider() -> Story:
    story = at_pickup()
    story.order(m.UnlockDoors(mission_id="m1"))
    story.passes(15.0)
    story.order(m.Proceed(mission_id="m1", version=1, stop_index=0))
    story.passes(0.2)
    story.standing = False
    story.told()
    return story


def test_a_ride_is_told_stop_by_stop() -> None:
    story = Story()
    story.order(ride())
    assert (story.life.phase, reported_state(story.life)) == ("driving", "reserved.enroute")
    story.passes(5.0, moving=True, arrived=True)
    assert story.told() == [m.StopArrived(mission_id="m1", version=1, stop_index=0)]
    assert reported_state(story.life) == "stopped.at_pickup"
    story.order(m.UnlockDoors(mission_id="m1"))
    assert reported_state(story.life) == "stopped.boarding"
    story.passes(15.0)
    assert story.told() == [m.DoorsChanged(open=True)]
    assert story.life.occupied
    story.order(m.Proceed(mission_id="m1", version=1, stop_index=0))
    story.passes(0.2)
    assert story.told() == [m.DoorsChanged(open=False), m.StopDeparted(mission_id="m1", version=1, stop_index=0)]
    assert reported_state(story.life) == "on_trip.driving"
    story.passes(5.0, moving=True, arrived=True)
    assert story.told() == [m.StopArrived(mission_id="m1", version=1, stop_index=1), m.DoorsChanged(open=True)]
    assert reported_state(story.life) == "stopped.alighting"
    story.passes(15.0)
    assert story.told() == [
        m.DoorsChanged(open=False),
        m.CabinEmpty(mission_id="m1", version=1, stop_index=1),
        m.MissionCompleted(mission_id="m1", version=1),
    ]
    assert (story.life.phase, story.life.mission, story.life.occupied) == ("idle", None, False)


def test_the_car_waits_at_the_pickup_as_long_as_nobody_lets_it_go() -> None:
    story = at_pickup()
    story.passes(3600.0)
    assert (story.life.phase, story.told()) == ("waiting", [])


def test_a_proceed_given_while_the_rider_gets_in_takes_effect_when_they_are_in() -> None:
    story = at_pickup()
    story.order(m.UnlockDoors(mission_id="m1"))
    story.order(m.Proceed(mission_id="m1", version=1, stop_index=0))
    story.passes(1.0)
    assert (story.life.phase, story.life.occupied) == ("boarding", False)
    story.passes(12.0)
    assert (story.life.phase, story.life.occupied, story.life.doors_open) == ("driving", True, False)


def test_a_proceed_for_another_stop_or_version_is_refused_and_changes_nothing() -> None:
    story = at_pickup()
    before = story.life
    for body, code in (
        (m.Proceed(mission_id="m1", version=1, stop_index=1), "wrong_stop"),
        (m.Proceed(mission_id="m1", version=2, stop_index=0), "version_mismatch"),
        (m.Proceed(mission_id="m2", version=1, stop_index=0), "unknown_mission"),
    ):
        with pytest.raises(CommandRefused) as refused:
            story.order(body)
        assert refused.value.code == code
    assert story.life == before


def test_doors_stay_locked_while_the_car_moves() -> None:
    story = with_rider()
    with pytest.raises(CommandRefused) as refused:
        story.order(m.UnlockDoors(mission_id="m1"))
    assert (refused.value.code, story.life.doors_open) == ("moving", False)


def test_a_hold_is_told_once_the_car_stands_and_a_release_lets_it_go_on() -> None:
    story = with_rider()
    story.order(m.Hold(), "fire brigade ahead")
    assert story.life.directive is Directive.HOLD
    story.passes(2.0, moving=True)
    assert story.told() == []
    story.passes(2.0, moving=False)
    assert story.told() == [m.Held(reason="fire brigade ahead")]
    assert reported_state(story.life) == "stopped.unplanned"
    story.order(m.Release(), "road clear")
    assert story.told() == [m.Resumed(reason="road clear")]
    assert (story.life.directive, story.life.phase) == (Directive.DRIVE, "driving")


def test_a_pull_over_is_not_turned_back_into_a_hold_in_the_lane() -> None:
    story = with_rider()
    story.order(m.PullOver())
    story.order(m.Hold())
    assert story.life.directive is Directive.PULL_OVER


def test_a_release_of_a_car_that_is_not_held_is_refused() -> None:
    with pytest.raises(CommandRefused) as refused:
        Story().order(m.Release())
    assert refused.value.code == "not_held"


def test_a_held_car_stays_at_its_stop_although_it_may_proceed() -> None:
    story = at_pickup()
    story.order(m.Hold())
    story.order(m.Proceed(mission_id="m1", version=1, stop_index=0))
    story.passes(60.0)
    assert reported_state(story.life) == "stopped.at_pickup"
    story.order(m.Release())
    story.passes(0.2)
    assert story.life.phase == "driving"


def test_without_a_link_the_leg_is_finished_and_no_new_one_begun() -> None:
    story = with_rider()
    story.link_up = False
    story.passes(60.0, moving=True)
    assert (story.life.directive, story.told()) == (Directive.DRIVE, [])
    story.passes(0.2, moving=True, arrived=True)
    story.passes(20.0)
    assert m.MissionCompleted(mission_id="m1", version=1) in story.told()

    story = at_pickup()
    story.order(m.Proceed(mission_id="m1", version=1, stop_index=0))
    story.link_up = False
    story.passes(5.0)
    assert story.told() == [
        m.DriveModeChanged(drive_mode="MRC_REACHED", reason="link_lost"),
        m.Held(reason="link_lost"),
    ]
    assert story.life.phase == "waiting"
    story.link_up = True
    story.passes(0.2)
    assert story.told() == [
        m.DriveModeChanged(drive_mode="AUTONOMOUS", reason="link_restored"),
        m.Resumed(reason="link_restored"),
        m.StopDeparted(mission_id="m1", version=1, stop_index=0),
    ]


def test_a_leg_that_is_blind_for_too_long_ends_at_the_kerb() -> None:
    story = with_rider()
    story.link_up = False
    story.passes(BLIND_LEG_S + 1.0, moving=True)
    assert story.life.directive is Directive.PULL_OVER
    assert story.told() == [m.DriveModeChanged(drive_mode="MRM_OPERATING", reason="link_lost")]
    story.passes(1.0, moving=False)
    assert story.told() == [
        m.DriveModeChanged(drive_mode="MRC_REACHED", reason="link_lost"),
        m.Held(reason="link_lost"),
    ]
    story.link_up = True
    story.passes(0.2)
    assert (story.life.link_stop, story.life.halted) == (False, False)


def test_a_free_car_that_loses_its_link_on_the_move_pulls_over() -> None:
    story = Story()
    story.link_up = False
    story.passes(1.0, moving=True)
    assert story.life.directive is Directive.PULL_OVER
    parked = Story()
    parked.link_up = False
    parked.passes(1.0)
    assert parked.told() == []


def test_a_cancelled_mission_frees_an_empty_car_at_once() -> None:
    story = at_pickup()
    story.order(m.UnlockDoors(mission_id="m1"))
    story.order(m.CancelMission(mission_id="m1", version=1))
    assert story.told() == [m.DoorsChanged(open=True), m.DoorsChanged(open=False)]
    assert (story.life.phase, story.life.mission) == ("idle", None)
    story.order(ride("m2"))
    assert story.life.phase == "driving"


def test_a_cancelled_mission_with_a_rider_inside_ends_at_the_kerb_with_an_empty_cabin() -> None:
    story = with_rider()
    story.order(m.CancelMission(mission_id="m1", version=1))
    assert (story.life.phase, story.life.leg) == ("ending", None)
    with pytest.raises(CommandRefused) as refused:
        story.order(ride("m2"))
    assert refused.value.code == "cabin_occupied"
    story.passes(3.0, moving=True)
    assert story.told() == []
    story.passes(20.0, moving=False)
    assert story.told() == [
        m.DoorsChanged(open=True),
        m.DoorsChanged(open=False),
        m.CabinEmpty(mission_id="m1", version=1, stop_index=1),
    ]
    assert (story.life.phase, story.life.mission) == ("idle", None)


def test_a_new_version_of_the_mission_takes_over_on_the_road_and_at_the_stop() -> None:
    story = with_rider()
    detour = [stop(0, 2, "pickup", wait=True), stop(1, 7, "dropoff")], [leg(0, [0, 1, 2]), leg(1, [2, 3, 4, 5, 6, 7])]
    story.order(mission(*detour, version=2, previous=("m1", 1)))
    assert story.life.stop is not None
    assert (story.life.stop.stop_index, story.life.stop.edge, story.life.phase) == (1, 7, "driving")

    story = at_pickup()
    story.order(m.UnlockDoors(mission_id="m1"))
    story.told()
    story.order(mission(*detour, version=2, previous=("m1", 1)))
    assert (story.life.phase, story.life.doors_open, story.told()) == ("boarding", True, [])


def test_a_repositioning_ends_where_it_stops_and_a_charging_car_is_plugged_in() -> None:
    story = Story()
    story.order(mission([stop(0, 2, "park")], [leg(0, [0, 1, 2])], purpose="charge"))
    assert reported_state(story.life) == "available.repositioning"
    story.passes(2.0, moving=True, arrived=True)
    story.passes(0.2)
    assert story.told() == [
        m.StopArrived(mission_id="m1", version=1, stop_index=0),
        m.MissionCompleted(mission_id="m1", version=1),
    ]
    assert story.life.charging
    story.order(ride("m2"))
    assert not story.life.charging


def test_a_broken_car_stands_until_it_is_released() -> None:
    story = with_rider()
    step = break_down(story.life, "battery_empty", "0.9 % left", drivable=False)
    assert step.events[0] == m.Fault(code="battery_empty", detail="0.9 % left", drivable=False)
    story.life = step.life
    story.passes(1.0, moving=False)
    assert story.told() == [
        m.DriveModeChanged(drive_mode="MRC_REACHED", reason="battery_empty"),
        m.Held(reason="battery_empty"),
    ]
    story.order(m.Release(), "towed")
    assert story.told() == [
        m.DriveModeChanged(drive_mode="AUTONOMOUS", reason="towed"),
        m.Resumed(reason="towed"),
    ]


def test_a_car_on_its_way_to_the_kerb_does_not_let_anybody_out_at_a_red_light() -> None:
    story = with_rider()
    story.order(m.CancelMission(mission_id="m1", version=1))
    story.at_kerb = False
    story.passes(60.0, moving=False)
    assert (story.life.phase, story.told()) == ("ending", [])
    story.at_kerb = True
    story.passes(0.2)
    assert story.told() == [m.DoorsChanged(open=True)]


def test_a_pull_over_is_complete_at_the_kerb_or_where_there_is_no_getting_on() -> None:
    for stuck in (False, True):
        story = with_rider()
        story.order(m.PullOver(), "incident")
        story.at_kerb = False
        story.passes(60.0, moving=False)
        assert story.told() == []
        story.at_kerb = not stuck
        story.passes(NO_KERB_S - 60.0 + 1.0 if stuck else 0.2)
        assert story.told() == [m.Held(reason="incident")]


def test_a_stop_by_the_safety_monitor_is_a_fault_unless_the_car_stops_for_its_link_already() -> None:
    story = with_rider()
    step = monitored(story.life, Mode.MRM_OPERATING, "policy_silent")
    assert step.events[0] == m.Fault(code="policy_silent", detail="the safety monitor stops the car", drivable=True)
    assert step.life.directive is Directive.PULL_OVER
    failed = monitored(step.life, Mode.MRM_FAILED, "policy_silent")
    assert failed.events == (m.DriveModeChanged(drive_mode="MRM_FAILED", reason="policy_silent"),)
    story.life, story.link_up = replace(story.life, link_stop=True), False
    assert monitored(story.life, Mode.MRM_OPERATING, "link_lost").events == ()
