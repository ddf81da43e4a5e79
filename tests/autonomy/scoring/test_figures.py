"""Intervals, blame, comfort, PDMS and obedience by exact values."""

import numpy as np
import pytest
from numpy.typing import NDArray

from autonomy.scoring import Figure, judge_obedience, mean, poisson_rate, summary, wilson
from autonomy.scoring.blame import Contact, at_fault, contact_of, rss_distance_m
from autonomy.scoring.boxes import corners, overlap
from autonomy.scoring.comfort import comfortable
from autonomy.scoring.drive import DriveScore
from autonomy.scoring.pdms import Window
from autonomy.world.action import ACTION_STEPS, Action
from autonomy.world.orders import OrderKind

F8 = NDArray[np.float64]


def box(x: float, y: float, heading: float = 0.0) -> F8:
    one = np.ones(1)
    found: F8 = corners(one * x, one * y, one * heading, one * 5.0, one * 2.0)[0]
    return found


def test_wilsons_interval_of_9_out_of_10() -> None:
    figure = wilson(9, 10)
    assert figure["value"] == 0.9
    assert figure["low"] == pytest.approx(0.5958, abs=1e-4)
    assert figure["high"] == pytest.approx(0.9821, abs=1e-4)
    assert wilson(0, 0) == Figure(value=None, low=None, high=None, n=0)


def test_the_rate_of_no_event_has_an_upper_bound() -> None:
    figure = poisson_rate(0, 200.0)
    assert (figure["value"], figure["low"]) == (0.0, 0.0)
    assert figure["high"] == pytest.approx(3.6889 * 5, abs=1e-3)
    assert poisson_rate(3, 1000.0)["low"] == pytest.approx(0.6187, abs=1e-4)
    assert poisson_rate(0, 0.0)["value"] is None


def test_bad_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="km"):
        poisson_rate(1, -1.0)


def test_a_mean_of_one_value_has_no_interval() -> None:
    assert mean([0.5]) == Figure(value=0.5, low=None, high=None, n=1)
    assert mean([]) == Figure(value=None, low=None, high=None, n=0)
    figure = mean([0.0, 1.0])
    assert figure["high"] == pytest.approx(0.5 + 1.959964 * 0.5, abs=1e-6)


def test_rectangles_overlap_only_where_they_do() -> None:
    pairs = [(box(0, 0), box(4.9, 0)), (box(0, 0), box(5.1, 0)), (box(0, 0), box(3.3, 1.9, np.pi / 2))]
    assert overlap(np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("other", "own_mps", "other_mps", "contact"),
    [
        (box(4.8, 0.0), 5.0, 2.0, Contact.FRONT),
        (box(4.8, 0.0), 5.0, 0.0, Contact.STANDING_THING),
        (box(4.8, 0.0), 0.0, 2.0, Contact.STOOD),
        (box(-4.8, 0.0), 5.0, 8.0, Contact.REAR),
        (box(0.3, 1.9), 5.0, 5.0, Contact.SIDE),
    ],
)
def test_how_bodies_met(other: F8, own_mps: float, other_mps: float, contact: Contact) -> None:
    assert contact_of(box(0, 0), other, speed_mps=own_mps, other_mps=other_mps) is contact


def test_whose_fault_it_is() -> None:
    kept = {"avoidable": True, "left_lane": False, "without_leave": False}
    assert at_fault(Contact.FRONT, **kept)
    assert not at_fault(Contact.FRONT, **{**kept, "avoidable": False})
    assert at_fault(Contact.FRONT, avoidable=False, left_lane=False, without_leave=True)
    assert not at_fault(Contact.REAR, **kept)
    assert not at_fault(Contact.STOOD, **kept)
    assert not at_fault(Contact.SIDE, **kept)
    assert at_fault(Contact.SIDE, **{**kept, "left_lane": True})
    assert rss_distance_m(12.0, 0.0) == 18.0
    assert rss_distance_m(5.0, 15.0) == 0.0


def test_even_driving_is_comfortable_and_hard_braking_is_not() -> None:
    straight = np.zeros(40)
    assert comfortable(np.full(40, 10.0), straight, 0.1)
    assert not comfortable(np.maximum(10.0 - 0.7 * np.arange(40.0), 0.0), straight, 0.1)
    assert not comfortable(np.full(40, 10.0), 0.12 * np.arange(40.0), 0.1)


def test_pdms_weighs_progress_distance_and_comfort_as_navsim_does() -> None:
    window = Window(0.0, 100.0, 20.0)
    assert window.score(120.0) == 1.0
    assert window.score(110.0) == pytest.approx((5 * 0.5 + 5 + 2) / 12)
    window.clear = 0.0
    assert window.score(120.0) == pytest.approx(7 / 12)
    window.on_road = 0.0
    assert window.score(120.0) == 0.0
    assert Window(0.0, 0.0, 3.0).score(0.0) == 1.0  # where the expert hardly moves, standing is right


def action(y_m: float, refuses: str | None = None) -> Action:
    rows = np.zeros((ACTION_STEPS, 4))
    rows[:, 0], rows[:, 1] = np.arange(ACTION_STEPS), y_m
    return Action("a", 0.0, rows, refuses=refuses)


def test_an_order_counts_as_obeyed_when_the_way_is_nearer_to_the_ordered_one() -> None:
    pair = {"expert_told": action(4.0), "expert_untold": action(0.0)}
    assert judge_obedience(OrderKind.PASS_LEFT, told=action(3.0), **pair).obeyed
    assert not judge_obedience(OrderKind.PASS_LEFT, told=action(1.0), **pair).obeyed
    assert not judge_obedience(OrderKind.PASS_LEFT, told=action(3.0, "no"), **pair).obeyed
    same = judge_obedience(OrderKind.GO_ON, told=action(0.0), expert_told=action(0.5), expert_untold=action(0.0))
    assert not same.tells


def test_unsafe_orders_must_be_refused_and_change_nothing() -> None:
    pair = {"expert_told": action(0.0), "expert_untold": action(0.0)}
    assert judge_obedience(OrderKind.SPEED, told=action(0.2, "no"), **pair).obeyed
    assert not judge_obedience(OrderKind.SPEED, told=action(0.2), **pair).obeyed
    assert not judge_obedience(OrderKind.SPEED, told=action(9.0, "no"), **pair).obeyed


def test_a_summary_counts_over_all_drives() -> None:
    drives = [DriveScore("a", "p7", 0.0, completed=True, km=2.0, red_lights=1), DriveScore("b", "g7", 0.0, km=3.0)]
    table = summary(drives)
    assert table["route_completion"]["value"] == 0.5
    assert table["red_lights_per_1000km"]["value"] == 200.0
    assert table["at_fault_per_1000km"]["value"] == 0.0
    assert table["pdms"]["value"] is None
