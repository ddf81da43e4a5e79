"""The safety layer: modes, distances, faulty policies, the minimal-risk manoeuvre."""

import subprocess
import sys
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomy.safety.layer import kerb_ahead_m
from autonomy.safety.link_lease import LinkLease, LinkStatus
from autonomy.safety.manoeuvre import Manoeuvre, choose
from autonomy.safety.modes import IN_MRM, TRANSITIONS, IllegalMode, Mode, ModeEvent, after
from autonomy.safety.monitor import Bounds, Guarded, Proposal, Situation, decide, release
from autonomy.safety.rss import RssBounds, accel_bound, safe_gap_m
from autonomy.world.observation import JunctionAhead, Observation, Signal, StopAhead

STEPS, STEP_S = 20, 0.2
ROAD = [(2.0 * k, 0.0, 0.0) for k in range(100)]


def situation(speed: float = 10.0, **changes: object) -> Situation:
    facts = Situation(
        now_s=5.0,
        pose=(0.0, 0.0, 0.0, speed),
        speed_limit_mps=13.9,
        gap_m=None,
        lead_speed_mps=0.0,
        path=ROAD,
        spacing_m=2.0,
        kerb_m=None,
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def steady(speed: float = 10.0, at_s: float = 5.0) -> Proposal:
    return Proposal([(speed * STEP_S * (k + 1), 0.0, 0.0, speed) for k in range(STEPS)], at_s)


def test_every_pair_of_mode_and_event_is_in_the_table_or_refused() -> None:
    for mode, event in product(Mode, ModeEvent):
        if (mode, event) in TRANSITIONS:
            assert after(mode, event) is TRANSITIONS[mode, event]
        else:
            with pytest.raises(IllegalMode):
                after(mode, event)


def test_no_event_leads_from_a_running_manoeuvre_straight_back_to_driving() -> None:
    ways_back = {
        event for (mode, event), to in TRANSITIONS.items() if mode is Mode.MRM_OPERATING and to is Mode.AUTONOMOUS
    }
    assert ways_back == set()


def test_a_fit_proposal_is_let_through_with_bounds() -> None:
    guarded, verdict = decide(Guarded(), situation(), steady(), steps=STEPS, step_s=STEP_S, bounds=Bounds())
    assert guarded == Guarded()
    assert verdict.rows is None
    assert verdict.speed_max_mps == pytest.approx(13.9 * 1.1 + 0.5)
    assert (verdict.accel_max_mps2, verdict.accel_min_mps2) == (2.5, -8.0)


@pytest.mark.parametrize(
    ("proposal", "fault"),
    [
        (None, "silent"),
        (Proposal(steady().rows, 4.0), "late"),
        (Proposal(steady().rows, 6.0), "late"),
        (Proposal(steady().rows, float("nan")), "late"),
        (Proposal([(float("nan"), 0.0, 0.0, 10.0)] * STEPS, 5.0), "not_finite"),
        (Proposal([(1.0, 0.0, 0.0, float("inf"))] * STEPS, 5.0), "not_finite"),
        (Proposal([(1.0, 0.0, 0.0)] * STEPS, 5.0), "shape"),
        (Proposal([], 5.0), "shape"),
        (Proposal([(50.0, 0.0, 0.0, 10.0)] * STEPS, 5.0), "jump"),
        (Proposal([(2.0, 0.0, 0.0, 30.0)] * STEPS, 5.0), "speed"),
        (Proposal([(2.0, 0.0, 0.0, -3.0)] * STEPS, 5.0), "speed"),
    ],
)
def test_a_faulty_policy_is_not_obeyed_and_after_the_grace_the_car_stops_for_good(
    proposal: Proposal | None, fault: str
) -> None:
    guarded, verdict = decide(Guarded(), situation(), proposal, steps=STEPS, step_s=STEP_S, bounds=Bounds())
    assert guarded.mode is Mode.AUTONOMOUS
    assert verdict.fault == fault
    assert verdict.rows is not None
    assert verdict.accel_max_mps2 == 0.0
    moved = replace(proposal, answers_s=proposal.answers_s + 0.5) if proposal else None
    guarded, _ = decide(guarded, situation(now_s=5.5), moved, steps=STEPS, step_s=STEP_S, bounds=Bounds())
    assert (guarded.mode, guarded.reason) == (Mode.MRM_OPERATING, f"policy_{fault}")


def test_a_policy_that_recovers_within_the_grace_drives_on() -> None:
    guarded, _ = decide(Guarded(), situation(), None, steps=STEPS, step_s=STEP_S, bounds=Bounds())
    later = situation(now_s=5.3)
    guarded, verdict = decide(guarded, later, steady(at_s=5.3), steps=STEPS, step_s=STEP_S, bounds=Bounds())
    assert (guarded.mode, guarded.fault_since_s, verdict.rows) == (Mode.AUTONOMOUS, None, None)


def test_a_release_is_refused_while_the_car_still_moves() -> None:
    with pytest.raises(IllegalMode):
        release(Guarded(Mode.MRM_OPERATING), 9.0)
    assert release(Guarded(Mode.MRC_REACHED), 9.0).mode is Mode.AUTONOMOUS


def test_without_a_usable_path_the_car_stops_hard_and_straight() -> None:
    now = situation(path=None, must_stop="sensors_lost")
    guarded, verdict = decide(Guarded(), now, steady(), steps=STEPS, step_s=STEP_S, bounds=Bounds())
    assert guarded.manoeuvre is Manoeuvre.HARD_STOP
    assert verdict.rows is not None
    assert {row[1] for row in verdict.rows} == {0.0}
    assert verdict.rows[-1][3] == 0.0


def test_a_manoeuvre_that_does_not_end_is_called_failed_and_brakes_hard() -> None:
    guarded = Guarded(Mode.MRM_OPERATING, "x", since_s=5.0)
    guarded, verdict = decide(guarded, situation(now_s=36.0), None, steps=STEPS, step_s=STEP_S, bounds=Bounds())
    assert (guarded.mode, guarded.manoeuvre) == (Mode.MRM_FAILED, Manoeuvre.HARD_STOP)
    assert verdict.rows is not None
    assert verdict.rows[0][3] == pytest.approx(10.0 - 6.0 * STEP_S)


def test_the_lease_on_the_link() -> None:
    lease = LinkLease(lease_s=10.0, drive_on_s=300.0)
    assert [lease.status(s) for s in (0, 5, 6, 10, 11)] == [
        LinkStatus.ONLINE, LinkStatus.ONLINE, LinkStatus.DEGRADED, LinkStatus.DEGRADED, LinkStatus.LOST,
    ]  # fmt: skip
    assert lease.may_begin_leg(10.0)
    assert not lease.may_begin_leg(10.1)
    assert not lease.must_stop(310.0)
    assert lease.must_stop(310.1)


speeds = st.floats(0.0, 25.0)


@settings(max_examples=25, deadline=None)
@given(
    speed=speeds,
    kerb=st.none() | st.floats(0.0, 120.0),
    proposals=st.lists(st.sampled_from(["good", "fast", "none"]), min_size=1, max_size=30),
)
def test_a_car_in_a_manoeuvre_never_accelerates_and_always_ends_standing(
    speed: float, kerb: float | None, proposals: list[str]
) -> None:
    """Whatever the policy says meanwhile. The car here follows trajectory and bounds as the actuator does."""
    guarded, now, gone = Guarded(), 5.0, 0.0
    for tick in range(700):
        left = None if kerb is None else max(kerb - gone, 0.0)
        facts = situation(speed, now_s=now, kerb_m=left, must_stop="outside_odd" if tick == 0 else None)
        said = proposals[tick % len(proposals)]
        proposal = None if said == "none" else steady(min(speed + (1.0 if said == "fast" else 0.0), 25.0), now)
        guarded, verdict = decide(guarded, facts, proposal, steps=STEPS, step_s=STEP_S, bounds=Bounds())
        assert guarded.mode in IN_MRM
        assert verdict.rows is not None
        assert verdict.accel_max_mps2 <= 0.0
        assert all(b[3] <= a[3] for a, b in zip(verdict.rows, verdict.rows[1:], strict=False))
        wanted = min(verdict.rows[0][3], verdict.speed_max_mps)
        slower = max(0.0, speed + min((wanted - speed) / STEP_S, verdict.accel_max_mps2) * 0.1)
        slower = 0.0 if slower < 0.02 else slower  # as the brake holds a car that barely rolls
        assert slower <= speed
        gone += (speed + slower) / 2 * 0.1
        speed, now = slower, now + 0.1
    assert speed == 0.0
    assert guarded.mode is Mode.MRC_REACHED


@settings(max_examples=100, deadline=None)
@given(
    own=speeds,
    lead=speeds,
    extra=st.floats(0.0, 30.0),
    wishes=st.lists(st.floats(-8.0, 2.5), min_size=1, max_size=40),
    lead_wishes=st.lists(st.floats(-8.0, 2.0), min_size=1, max_size=40),
)
def test_kept_by_rss_a_car_never_runs_into_its_leader(
    own: float, lead: float, extra: float, wishes: list[float], lead_wishes: list[float]
) -> None:
    bounds = RssBounds()
    gap, dt = safe_gap_m(own, lead, bounds) + extra, 0.1
    for tick in range(300):
        accel = min(wishes[tick % len(wishes)], accel_bound(gap, own, lead, bounds))
        own_after = max(0.0, own + accel * dt)
        lead_after = max(0.0, lead + lead_wishes[tick % len(lead_wishes)] * dt)
        gap += (lead + lead_after) / 2 * dt - (own + own_after) / 2 * dt
        own, lead = own_after, lead_after
        assert gap >= -1e-9


def test_without_rss_the_same_car_does_run_into_its_leader() -> None:
    own, lead, gap = 10.0, 10.0, 5.0
    for _ in range(100):
        own_after, lead_after = own, max(0.0, lead - 0.8)
        gap += (lead + lead_after) / 2 * 0.1 - own * 0.1
        own, lead = own_after, lead_after
    assert gap < 0


def test_the_rules_of_safety_need_neither_torch_nor_numpy() -> None:
    code = "import sys, autonomy.safety.monitor; print([m for m in ('torch', 'numpy', 'django') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def manoeuvre_after(ready_s: float) -> Manoeuvre | None:
    """What a car does whose kerb place is found `ready_s` after the manoeuvre began."""
    guarded, now = Guarded(), 5.0
    for tick in range(20):
        kerb_m = None if tick * 0.1 < ready_s else 40.0
        facts = situation(10.0, now_s=now + tick * 0.1, kerb_m=kerb_m, must_stop="outside_odd")
        guarded, _ = decide(guarded, facts, None, steps=STEPS, step_s=STEP_S, bounds=Bounds())
    return guarded.manoeuvre


def test_a_kerb_place_counts_when_it_is_found_at_once_and_not_when_the_car_brakes_in_its_lane_already() -> None:
    assert manoeuvre_after(0.0) is Manoeuvre.PULL_OVER
    assert manoeuvre_after(0.4) is Manoeuvre.PULL_OVER
    assert manoeuvre_after(0.7) is Manoeuvre.STOP_IN_LANE


@pytest.mark.parametrize(
    ("speed", "kerb_m", "expected"),
    [
        (13.9, 74.0, Manoeuvre.PULL_OVER),
        (13.9, 95.0, Manoeuvre.STOP_IN_LANE),
        (13.9, 30.0, Manoeuvre.STOP_IN_LANE),
        (3.0, 40.0, Manoeuvre.STOP_IN_LANE),
    ],
)
def test_a_kerb_place_is_taken_if_the_car_can_brake_for_it_and_roll_to_it(
    speed: float, kerb_m: float, expected: Manoeuvre
) -> None:
    assert choose(speed, kerb_m, ROAD, Bounds().manoeuvre) is expected


@pytest.mark.parametrize(
    ("line_m", "may_enter", "expected"),
    [(20.0, False, None), (20.0, True, 35.0), (50.0, False, 35.0), (None, True, 35.0)],
)
def test_a_kerb_place_behind_a_red_light_is_none(line_m: float | None, may_enter: bool, expected: float | None) -> None:
    junction = None if line_m is None else JunctionAhead(line_m, Signal.RED, may_enter, line_m + 20.0)
    seen = SimpleNamespace(stop=StopAhead(35.0, at_kerb=True), junction=junction)
    assert kerb_ahead_m(cast(Observation, seen)) == expected
