"""The sentences of the base line."""

import torch

from autonomy.model.inputs import AUX_NAMES, CAUSES, ORDERS
from autonomy.model.speech import (
    BINS,
    FACTS,
    Speech,
    beside_of,
    beside_token,
    plan_of,
    speed_of,
    speed_token,
)
from autonomy.world import Cause, OrderKind
from tests.autonomy.model.small import lesson, small, straight


def test_steps_are_finest_at_low_speed_and_near_the_route() -> None:
    pace = torch.tensor([0.0, 0.1, 1.0, 5.0, 15.0, 25.0])
    assert bool(((speed_of(speed_token(pace)) - pace).abs() <= 0.02 + 0.02 * pace).all())
    beside = torch.tensor([-30.0, -3.5, -0.2, 0.0, 0.05, 1.0, 8.0])
    assert bool(((beside_of(beside_token(beside)) - beside).abs() <= 0.01 + 0.06 * beside.abs()).all())
    assert float(beside_of(beside_token(torch.zeros(1)))) == 0.0


def test_a_plan_survives_being_said() -> None:
    speech = Speech(small("vla-1.0"))
    flat = {name: value.flatten(0, 1) for name, value in lesson(1, 4).items()}
    told = speech.write(flat)
    assert told.shape == (4, speech.length)
    back = speech.waypoints(speech.steps(told), flat["route"], flat["ego"])
    assert float((back - flat["plan"][..., :2]).norm(dim=-1).max()) < 0.35


def test_every_token_stands_where_it_may() -> None:
    speech = Speech(small("vla-1.0"))
    told = speech.write({name: value.flatten(0, 1) for name, value in lesson(2, 3).items()})
    for place, (low, high) in enumerate(speech.ranges):
        assert bool(((told[:, place] >= low) & (told[:, place] < high)).all())


def test_facts_come_back() -> None:
    speech = Speech(small("vla-1.0"))
    flat = {name: value.flatten(0, 1) for name, value in lesson(1, 1).items()}
    flat["cause"][:] = CAUSES.index(Cause.PEDESTRIAN)
    flat["order"][:] = ORDERS.index(OrderKind.WAIT)
    flat["refuse"][:] = 1.0
    flat["aux_known"][:, AUX_NAMES.index("walker_gap")] = 0.0
    facts = speech.read(speech.write(flat))
    assert int(facts["cause"]) == CAUSES.index(Cause.PEDESTRIAN)
    assert int(facts["order"]) == ORDERS.index(OrderKind.WAIT)
    assert (int(facts["refuse"]), int(facts["help"])) == (1, 0)
    assert int(facts["walker_gap"]) == FACTS["walker_gap"] - 1


def test_a_standing_plan_stands() -> None:
    tokens = torch.stack([torch.zeros(20), torch.full((20,), BINS + 80.0)], -1).long().view(1, 40)
    xy = plan_of(tokens, straight(1), torch.tensor([0.0]))
    assert float(xy.abs().max()) == 0.0
