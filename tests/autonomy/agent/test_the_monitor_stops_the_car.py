"""A policy that fails, a link that is gone, an order that is not obeyed: the safety monitor stops the car in the world,
and the platform is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from autonomy.agent.car import BACKSTOP_S, HOLD_S, STANDING_MPS
from autonomy.link import messages as m
from autonomy.link.session import CarReport
from autonomy.policy.rules import RulesPolicy
from autonomy.safety.link_lease import LinkLease
from autonomy.safety.manoeuvre import ManoeuvreBounds
from autonomy.safety.modes import Mode
from autonomy.world.action import Action
from autonomy.world.observation import Directive, Observation
from tests.autonomy.agent.crew import Crew, errand
from tests.autonomy.link.keys import VEHICLE

ROUTE = [0, 4, 8]
LEASE = LinkLease()
ROUND = [0, 4, 8, 12, 26, 40, 47, 45, 43, 31, 17, 3]  # the outer streets of the town, 1.8 km


class Moody(RulesPolicy):
    """Drives well until it is spoilt."""

    def __init__(self) -> None:
        super().__init__()
        self.spoil: Callable[[Action], Action | None] | None = None
        self.deaf = False
        self.breaks = False

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        if self.breaks:
            raise RuntimeError("out of memory")
        if self.deaf:
            observations = [self._unheard(seen) for seen in observations]
        actions = super().act(observations)
        if self.spoil is None:
            return actions
        return [spoilt for action in actions if (spoilt := self.spoil(action)) is not None]

    def _unheard(self, seen: Observation) -> Observation:
        """As if no one had ordered anything, and as if the kerb place of the order were not there."""
        return replace(seen, directive=Directive.DRIVE, stop=None, junction=None)


def not_a_number(action: Action) -> Action:
    return replace(action, trajectory=np.full_like(action.trajectory, np.nan))


def late(action: Action) -> Action:
    return replace(action, time_s=action.time_s - 2.0)


def silent(action: Action) -> None:
    return None


@pytest.fixture
def policy() -> Moody:
    return Moody()


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Moody) -> Crew:
    """On its way, at the speed of the street."""
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    crew.start(policy)
    assert crew.order(errand(ROUTE, 75.0)).outcome == "accepted"
    crew.drive(60.0, lambda: crew.state.speed_mps > 7.5)
    assert crew.state.speed_mps > 7.5
    return crew


def standing(crew: Crew) -> bool:
    return crew.state.speed_mps == 0.0


def accelerates(crew: Crew) -> Callable[[], bool]:
    """Stop condition: stands; fails when the car gains speed on the way."""
    last = [crew.state.speed_mps]

    def look() -> bool:
        assert crew.state.speed_mps <= last[0] + 0.02
        last[0] = crew.state.speed_mps
        return standing(crew)

    return look


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(not_a_number, "policy_not_finite"), (late, "policy_late"), (silent, "policy_silent")],
)
def test_a_policy_that_fails_is_relieved_and_the_car_pulls_over_and_says_so(
    crew: Crew, policy: Moody, spoil: Callable[[Action], Action | None], reason: str
) -> None:
    policy.spoil = spoil
    assert crew.drive(40.0, accelerates(crew)) < 40.0
    crew.drive(1.0)
    assert crew.state.at_kerb
    assert crew.safety.mode(VEHICLE) is Mode.MRC_REACHED
    assert crew.modes == [("MRM_OPERATING", reason), ("MRC_REACHED", reason)]
    assert crew.told[0] == m.Fault(code=reason, detail="the safety monitor stops the car", drivable=True)
    assert crew.told[-1] == m.Held(reason=reason)
    sample = crew.car.telemetry()
    assert (sample.drive_mode, sample.speed_mps, sample.hazard_lights) == ("MRC_REACHED", 0.0, True)
    assert crew.car.report() == CarReport(reported_state="available.held", mission_id="m1", mission_version=1)
    there = crew.state.odometer_m
    crew.drive(30.0)
    assert crew.state.odometer_m == there


def test_a_policy_that_breaks_does_not_break_the_loop(crew: Crew, policy: Moody) -> None:
    policy.breaks = True
    assert crew.drive(40.0, accelerates(crew)) < 40.0
    crew.drive(1.0)
    assert crew.modes[-1] == ("MRC_REACHED", "policy_silent")


def test_a_hiccup_is_no_manoeuvre(crew: Crew, policy: Moody) -> None:
    policy.spoil = not_a_number
    crew.drive(0.4)
    policy.spoil = None
    crew.drive(5.0)
    assert crew.modes == []
    assert crew.world.cars[VEHICLE].directive is Directive.DRIVE
    assert crew.state.speed_mps > 7.0


def test_where_no_kerb_place_is_near_it_stops_in_its_lane(
    crew: Crew, policy: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autonomy.sim.sensing.choose_place", lambda *_, **__: None)
    policy.spoil = not_a_number
    began_m = crew.state.odometer_m
    assert crew.drive(20.0, accelerates(crew)) < 20.0
    crew.drive(1.0)
    assert not crew.state.at_kerb
    assert crew.state.odometer_m - began_m < 8.3**2 / (2 * ManoeuvreBounds().lane_brake_mps2) + 4.0
    assert crew.modes[-1] == ("MRC_REACHED", "policy_not_finite")
    assert crew.told[-1] == m.Held(reason="policy_not_finite")


def test_without_even_a_lane_it_brakes_hard(crew: Crew, policy: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    observe = crew.world.observe

    def blind(car_ids: Sequence[str]) -> list[Observation]:
        return [replace(seen, path=np.full_like(seen.path, np.nan)) for seen in observe(car_ids)]

    monkeypatch.setattr(crew.world, "observe", blind)
    policy.breaks = True
    began_m = crew.state.odometer_m
    assert crew.drive(20.0, accelerates(crew)) < 20.0
    assert crew.state.odometer_m - began_m < 8.3**2 / (2 * ManoeuvreBounds().hard_brake_mps2) + 3.0
    crew.drive(1.0)
    assert crew.modes[-1][0] == "MRC_REACHED"


def test_released_by_a_person_it_goes_on_and_finishes_its_mission(crew: Crew, policy: Moody) -> None:
    policy.spoil = not_a_number
    crew.drive(40.0, lambda: crew.modes[-1:] == [("MRC_REACHED", "policy_not_finite")])
    policy.spoil = None
    crew.drive(5.0)
    assert standing(crew)  # a policy that is well again is not reason enough
    assert crew.order(m.Release()).outcome == "accepted"
    crew.drive(1.0)
    assert crew.safety.mode(VEHICLE) is Mode.AUTONOMOUS
    assert crew.modes[-1] == ("AUTONOMOUS", "test")
    done = m.MissionCompleted(mission_id="m1", version=1)
    assert crew.drive(120.0, lambda: done in crew.told) < 120.0


def test_after_a_restart_it_still_stands_and_is_still_held(crew: Crew, policy: Moody) -> None:
    policy.spoil = not_a_number
    crew.drive(40.0, lambda: crew.modes[-1:] == [("MRC_REACHED", "policy_not_finite")])
    crew.stop()
    crew.start()
    there = crew.state.odometer_m
    crew.drive(20.0)
    assert crew.state.odometer_m == pytest.approx(there, abs=0.1)
    assert crew.car.telemetry().drive_mode == "MRC_REACHED"
    assert len(crew.modes) == 2


def test_released_with_the_policy_still_bad_it_stops_again_at_once(crew: Crew, policy: Moody) -> None:
    policy.spoil = not_a_number
    crew.drive(40.0, lambda: crew.modes[-1:] == [("MRC_REACHED", "policy_not_finite")])
    there = crew.state.odometer_m
    crew.order(m.Release())
    crew.drive(3.0)
    assert crew.modes[-1] == ("MRC_REACHED", "policy_not_finite")
    assert crew.state.odometer_m == pytest.approx(there, abs=0.1)


@pytest.fixture
def open_junctions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monitor stops a car that runs into a junction without a grant, which a deaf policy does at the first one.
    Here it is to drive on until its time is over, so the monitor takes every junction for open."""
    monkeypatch.setattr("autonomy.safety.layer.closed_line_m", lambda _: None)


def keep_going(crew: Crew) -> None:
    """Sent round and round the town: no test sees the end of it."""
    again = errand([*ROUND * 4, *ROUTE], 75.0)
    ack = crew.order(msgspec.structs.replace(again, version=2, previous_mission_id="m1", previous_version=1))
    assert ack.outcome == "accepted"


@pytest.mark.usefixtures("open_junctions")
@pytest.mark.parametrize(("order", "after_s"), [(m.Hold(), HOLD_S), (m.PullOver(), BACKSTOP_S)])
def test_an_order_to_stop_that_the_policy_does_not_obey_is_enforced(
    crew: Crew, policy: Moody, order: m.CommandBody, after_s: float
) -> None:
    keep_going(crew)
    policy.deaf = True
    crew.order(order)
    crew.drive(after_s - 1.0)
    assert crew.state.speed_mps > 2.0
    assert crew.modes == []
    crew.drive(40.0, lambda: standing(crew))
    crew.drive(1.0)
    assert crew.modes == [("MRM_OPERATING", "stop_not_obeyed"), ("MRC_REACHED", "stop_not_obeyed")]
    assert crew.told[-1] == m.Held(reason="stop_not_obeyed")


def test_an_order_that_is_obeyed_is_left_to_the_policy(crew: Crew) -> None:
    crew.order(m.Hold())
    crew.drive(HOLD_S + 20.0)
    assert standing(crew)
    assert crew.modes == []
    assert crew.safety.mode(VEHICLE) is Mode.AUTONOMOUS


def test_a_link_lost_for_too_long_ends_at_the_kerb_and_its_return_lets_the_car_go_on(crew: Crew) -> None:
    keep_going(crew)
    crew.link_up = False
    crew.drive(LEASE.drive_on_s - 2.0)
    assert crew.state.speed_mps > 2.0
    assert crew.modes == []
    crew.drive(60.0, lambda: standing(crew) and crew.state.at_kerb)
    crew.drive(1.0)
    assert crew.modes == [("MRM_OPERATING", "link_lost"), ("MRC_REACHED", "link_lost")]
    assert crew.told[-1] == m.Held(reason="link_lost")
    assert crew.safety.mode(VEHICLE) is Mode.AUTONOMOUS  # the executor's own stop was enough
    crew.link_up = True
    crew.drive(20.0)
    assert crew.told[-2:] == [
        m.DriveModeChanged(drive_mode="AUTONOMOUS", reason="link_restored"),
        m.Resumed(reason="link_restored"),
    ]
    assert crew.state.speed_mps > 2.0


@pytest.mark.usefixtures("open_junctions")
def test_without_a_link_the_monitor_stops_a_car_whose_policy_does_not(crew: Crew, policy: Moody) -> None:
    keep_going(crew)
    crew.link_up, policy.deaf = False, True
    crew.drive(LEASE.drive_on_s + BACKSTOP_S)
    assert crew.state.speed_mps > 2.0
    crew.drive(60.0, lambda: crew.safety.mode(VEHICLE) is Mode.MRM_OPERATING)
    crew.link_up = True  # in the middle of the manoeuvre: it is ended all the same
    speeds: list[float] = []

    def over() -> bool:
        speeds.append(crew.state.speed_mps)
        return crew.modes[-1][0] == "AUTONOMOUS"

    assert crew.drive(30.0, over) < 30.0
    assert all(after <= before + 0.02 for before, after in pairwise(speeds))
    assert speeds[-1] < STANDING_MPS
    assert crew.modes == [
        ("MRM_OPERATING", "link_lost"),
        ("MRC_REACHED", "link_lost"),
        ("AUTONOMOUS", "link_restored"),
    ]
    policy.deaf = False
    crew.drive(20.0)
    assert crew.safety.mode(VEHICLE) is Mode.AUTONOMOUS
    assert crew.state.speed_mps > 2.0
