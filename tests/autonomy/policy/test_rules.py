"""The driver by rules, alone with one observation."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.policy.base import Policy
from autonomy.policy.rules import RulesPolicy
from autonomy.world import (
    ACTION_STEPS,
    Directive,
    EgoState,
    JunctionAhead,
    LeaderAhead,
    NavigationCommand,
    Observation,
    Signal,
    StopAhead,
)
from autonomy.world.observation import PATH_POINTS


def seen(speed: float = 10.0, **changes: object) -> Observation:
    path = np.zeros((PATH_POINTS, 5))
    path[:, 0] = 2.0 * np.arange(PATH_POINTS)
    path[:, 4] = 13.9
    plain = Observation(
        car_id="a",
        time_s=3.0,
        ego=EgoState(0.0, 0.0, 0.0, speed, 0.0, 0.0, 0.0, 4.0, 2.0, 2.5, 8.0),
        path=path,
        leader=None,
        junction=None,
        stop=None,
        may_leave_kerb=True,
        box_left_m=0.0,
        directive=Directive.DRIVE,
        navigation=NavigationCommand.FOLLOW,
        target_points=np.zeros((2, 2)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def driven(observation: Observation) -> np.ndarray:
    (action,) = RulesPolicy().act([observation])
    assert action.trajectory.shape == (ACTION_STEPS, 4)
    assert (action.car_id, action.time_s) == ("a", 3.0)
    return action.trajectory


def test_it_is_a_policy_and_answers_each_observation_in_order() -> None:
    policy = RulesPolicy()
    assert isinstance(policy, Policy)
    assert policy.act([]) == []
    actions = policy.act([replace(seen(), car_id=name) for name in "xyz"])
    assert [action.car_id for action in actions] == ["x", "y", "z"]


def test_on_a_free_road_it_gathers_speed_up_to_the_limit_and_not_beyond() -> None:
    speeds = driven(seen())[:, 3]
    assert (np.diff(speeds) >= -1e-9).all()
    assert 11.0 < speeds[-1] <= 13.9
    assert driven(seen(13.9))[:, 3].max() <= 13.9 + 1e-9


@pytest.mark.parametrize("signal", [Signal.RED, Signal.AMBER, Signal.NONE, Signal.GREEN])
def test_without_leave_it_stops_before_the_line_whatever_the_signal(signal: Signal) -> None:
    trajectory = driven(seen(8.0, junction=JunctionAhead(24.0, signal, False, 45.0)))
    assert trajectory[-1, 0] < 24.0
    assert trajectory[-1, 3] < 3.5
    assert driven(seen(8.0, junction=JunctionAhead(24.0, signal, True, 45.0)))[-1, 0] > 32.0


def test_it_stops_at_the_stopping_place_within_a_foot() -> None:
    trajectory = driven(seen(6.0, stop=StopAhead(12.0, at_kerb=True)))
    assert trajectory[:, 0].max() <= 12.3
    assert trajectory[-1, 3] < 0.8


def test_behind_a_standing_leader_it_stops_with_a_gap() -> None:
    trajectory = driven(seen(8.0, leader=LeaderAhead(22.0, 0.0)))
    assert trajectory[:, 0].max() < 21.0
    assert (trajectory[:, 3] >= 0).all()


def test_in_a_bend_it_keeps_the_lateral_acceleration() -> None:
    bend = seen(9.0)
    bend.path[20:, 3] = 1 / 8.0
    speeds, places = driven(bend)[:, 3], driven(bend)[:, 0]
    assert (speeds[places > 40.0] ** 2 / 8.0 <= 2.0 + 0.2).all()


def test_on_hold_it_stops_in_the_lane_but_not_in_a_junction() -> None:
    assert driven(seen(8.0, directive=Directive.HOLD))[-1, 3] < 3.0
    inside = driven(seen(5.0, directive=Directive.HOLD, box_left_m=18.0))
    assert inside[9, 3] > 3.0


def test_at_the_kerb_it_waits_until_the_lane_is_free() -> None:
    assert driven(seen(0.0, may_leave_kerb=False))[:, 3].max() == 0.0
    assert driven(seen(0.0))[-1, 3] > 3.0
