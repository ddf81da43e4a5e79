"""The teacher told by people: orders obeyed where safe, refused where never."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomy.language import REFUSALS
from autonomy.policy.teacher import Teacher
from autonomy.world import Action, HazardKind, JunctionAhead, NavigationCommand, Observation, Order, OrderKind, Signal
from autonomy.world.orders import UNSAFE
from tests.autonomy.policy.sights import blocked, seen, thing


def act(observation: Observation) -> Action:
    (action,) = Teacher().act([observation])
    return action


def told(kind: OrderKind, speed: float = 8.0, **changes: Any) -> Observation:
    return seen(speed, order=Order(kind, 25.0), **changes)


@pytest.mark.parametrize("kind", sorted(UNSAFE))
def test_unsafe_orders_are_refused_with_the_reason_and_change_nothing(kind: OrderKind) -> None:
    red = JunctionAhead(25.0, Signal.RED, False, 50.0)
    action, plain = act(told(kind, junction=red)), act(seen(8.0, junction=red))
    assert action.refuses == REFUSALS[kind] == action.explanation
    assert action.cause == "refused"
    assert (action.trajectory == plain.trajectory).all()


def test_told_to_wait_it_stands_but_not_in_a_junction() -> None:
    action = act(told(OrderKind.WAIT, 6.0))
    assert action.trajectory[-1, 3] < 1.5
    assert action.cause == "order_wait"
    inside = act(told(OrderKind.WAIT, 5.0, box_left_m=18.0))
    assert inside.trajectory[9, 3] > 3.0


def test_told_to_slow_down_it_drives_half_the_limit() -> None:
    assert act(told(OrderKind.SLOW_DOWN, 7.0)).trajectory[-1, 3] == pytest.approx(6.95, abs=0.1)


def test_told_to_pull_over_it_goes_to_the_kerb_place_and_stands_there() -> None:
    action = act(told(OrderKind.PULL_OVER, 4.0, kerb_m=12.0))
    assert action.trajectory[-1, 1] < -2.3
    assert action.trajectory[-1, 0] <= 12.4
    assert action.cause == "order_pull_over"
    left = act(told(OrderKind.PULL_OVER, 4.0, kerb_m=12.0, side=-1.0))
    assert left.trajectory[-1, 1] > 2.3


def test_without_a_known_place_it_pulls_over_by_geometry_and_past_the_crossing_if_told_so() -> None:
    near = act(told(OrderKind.PULL_OVER, 6.0))
    assert near.trajectory[-1, 1] < -0.8
    line = JunctionAhead(60.0, Signal.GREEN, True, 85.0)
    past = act(told(OrderKind.PULL_OVER_PAST_CROSSING, 6.0, junction=line))
    assert np.abs(past.trajectory[:, 1]).max() < 0.05
    assert past.trajectory[-1, 0] > near.trajectory[-1, 0]


@pytest.mark.parametrize("kind", [OrderKind.PASS_LEFT, OrderKind.WAIT_THEN_PASS_LEFT])
def test_told_to_pass_it_passes_when_the_other_lane_is_free(kind: OrderKind) -> None:
    action = act(blocked(12.0, 3.0, kind))
    assert action.trajectory[:, 1].max() > 1.5
    assert action.help is None
    comes = thing(HazardKind.VEHICLE, 60.0, 3.25, along_mps=-9.0, state="oncoming", ident="other")
    watched = blocked(12.0, 3.0, kind)
    waits = act(replace(watched, hazards=(*watched.hazards, comes)))
    assert np.abs(waits.trajectory[:, 1]).max() == 0.0
    assert waits.trajectory[-1, 3] < 0.5


def test_told_to_wait_first_it_does() -> None:
    early = blocked(9.0, 0.0, OrderKind.WAIT_THEN_PASS_LEFT, time_s=26.0)
    assert act(early).trajectory[-1, 3] == 0.0
    assert act(early).cause == "order_wait"
    assert act(replace(early, time_s=29.0)).trajectory[-1, 3] > 1.0


def test_no_order_takes_it_where_the_road_is_too_narrow() -> None:
    action = act(blocked(12.0, 3.0, OrderKind.PASS_LEFT, room_left_m=(1.6, 1.6)))
    assert np.abs(action.trajectory[:, 1]).max() == 0.0
    assert action.trajectory[-1, 3] < 0.5


def test_another_way_is_taken_where_there_is_one() -> None:
    left = seen().path.copy()
    left[10:, 1] = 2.0 * np.arange(len(left) - 10)
    left[10:, 0] = 20.0
    left[10:, 2] = np.pi / 2
    watched = told(OrderKind.TAKE_LEFT, 8.0, other_ways={NavigationCommand.LEFT: left})
    assert act(watched).trajectory[-1, 1] > 5.0
    other = told(OrderKind.TAKE_RIGHT, 8.0, other_ways={NavigationCommand.LEFT: left})
    assert act(other).trajectory[-1, 1] == 0.0


def test_no_order_lifts_a_duty() -> None:
    walker = thing(HazardKind.PEDESTRIAN, 15.0, 0.0, state="crossing", across_mps=1.4)
    for kind in (OrderKind.GO_ON, OrderKind.PASS_LEFT, OrderKind.TAKE_LEFT, OrderKind.IGNORE_PEDESTRIAN):
        assert act(told(kind, 7.0, hazards=(walker,))).trajectory[-1, 0] < 18.0


def test_after_pulling_over_it_lets_those_in_the_lane_pass_first() -> None:
    comes = thing(HazardKind.VEHICLE, -25.0, 0.0, along_mps=9.0, state="same")
    at_kerb = told(OrderKind.GO_ON, 0.0, lateral=-2.7)
    assert act(replace(at_kerb, hazards=(comes,))).trajectory[-1, 3] == 0.0
    assert act(at_kerb).trajectory[-1, 3] > 2.0
