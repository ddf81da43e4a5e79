"""The teacher's action and the simulator's truth, as a network must say them."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.language import explain
from autonomy.model.features import default_tokenizer
from autonomy.model.inputs import AUX_NAMES, CAUSES, ORDERS
from autonomy.model.truth import near, targets
from autonomy.world import Action, Cause, Hazard, HazardKind, JunctionAhead, LeaderAhead, Observation, Order, OrderKind
from autonomy.world import Signal as Light

COLUMN = {name: k for k, name in enumerate(AUX_NAMES)}


def act(seen: Observation, **changes: object) -> Action:
    """Straight ahead at 5 m/s."""
    ego, due = seen.ego, np.arange(1, 21) * 0.2
    rows = np.column_stack([
        ego.x_m + 5 * due * np.cos(ego.heading_rad), ego.y_m + 5 * due * np.sin(ego.heading_rad),
        np.full(20, ego.heading_rad), np.full(20, 5.0),
    ])  # fmt: skip
    return replace(Action(seen.car_id, seen.time_s, rows, cause=Cause.CRUISE), **changes)  # type: ignore[arg-type]


def test_the_plan_is_in_the_cars_own_frame(seen: list[Observation]) -> None:
    plan = targets(seen, [act(one) for one in seen])["plan"]
    assert plan.shape == (4, 20, 3)
    np.testing.assert_allclose(plan[..., 0], np.tile(np.arange(1, 21) * 1.0, (4, 1)), atol=1e-3)
    np.testing.assert_allclose(plan[..., 1], 0.0, atol=1e-3)
    np.testing.assert_allclose(plan[..., 2], 5.0)


def test_cause_order_refusal_question_and_words(seen: list[Observation]) -> None:
    said = explain(Cause.RED_LIGHT, speed_mps=0.0, accel_mps2=0.0)
    told = replace(seen[0], instruction="run it", order=Order(OrderKind.RUN_RED_LIGHT))
    answer = act(told, cause=Cause.RED_LIGHT, refuses="no", help="what now?", explanation=said)
    truth = targets([told], [answer])
    assert CAUSES[truth["cause"][0]] is Cause.RED_LIGHT
    assert ORDERS[truth["order"][0]] == OrderKind.RUN_RED_LIGHT
    assert (truth["refuse"][0], truth["help"][0]) == (1.0, 1.0)
    assert default_tokenizer().text(truth["said"][0]) == said


def test_truths_of_junction_leader_and_walker(seen: list[Observation]) -> None:
    walker = Hazard(HazardKind.PEDESTRIAN, 9.0, 0.0, 0.0, 0.0, 1.2, 0.5, 0.5, "crossing")
    told = replace(
        seen[0], junction=JunctionAhead(12.0, Light.RED, False, 30.0), leader=LeaderAhead(20.0, 3.0), hazards=(walker,)
    )
    truth = targets([told], [act(told)])
    aux, known = truth["aux"][0], truth["aux_known"][0]
    assert (aux[COLUMN["signal_red"]], aux[COLUMN["signal_green"]], aux[COLUMN["walker"]]) == (1.0, 0.0, 1.0)
    assert aux[COLUMN["line"]] == pytest.approx(near(12.0))
    assert aux[COLUMN["leader_gap"]] == pytest.approx(near(20.0))
    assert aux[COLUMN["leader_speed"]] == pytest.approx(0.3)
    assert known[COLUMN["walker_gap"]] == 1.0


def test_what_is_not_there_is_not_asked(seen: list[Observation]) -> None:
    told = replace(seen[0], junction=None, leader=None, hazards=(), kerb_m=None)
    truth = targets([told], [act(told)])
    known = truth["aux_known"][0]
    for name in ("line", "may_enter", "leader_gap", "leader_speed", "walker_gap", "hazard_gap", "kerb"):
        assert known[COLUMN[name]] == 0.0
    assert truth["aux"][0][COLUMN["signal_none"]] == 1.0


def test_wrong_causes_and_counts_are_refused(seen: list[Observation]) -> None:
    with pytest.raises(ValueError, match="cause: 'boredom'"):
        targets(seen[:1], [act(seen[0], cause="boredom")])
    with pytest.raises(ValueError, match="actions: 1, must be 4"):
        targets(seen, [act(seen[0])])


def test_distances_are_finer_when_near() -> None:
    assert (near(0.0), near(60.0), near(900.0), near(-3.0)) == (0.0, 1.0, 1.0, 0.0)
    assert near(2.0) - near(1.0) > near(41.0) - near(40.0)
