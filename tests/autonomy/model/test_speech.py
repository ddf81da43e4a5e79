"""The sentences of the base line."""

import torch

from autonomy.model.inputs import AUX_NAMES, CAUSES, EGO_SIZE, ORDERS
from autonomy.model.speech import (
    FACTS,
    LEAST_MPS,
    Speech,
    beside_of,
    beside_step,
    plan_of,
    speed_of,
    speed_step,
)
from autonomy.world import Cause, OrderKind
from tests.autonomy.model.small import lesson, small, straight


def test_speeds_are_parts_of_free_driving() -> None:
    free, pace = torch.tensor([10.0, 10.0, 4.0, 0.0]), torch.tensor([0.0, 7.5, 8.0, 0.4])
    back = speed_of(speed_step(pace, free).float(), free)
    assert bool(((back - pace).abs() <= 0.008 * free.clamp(min=LEAST_MPS)).all())
    assert float(back[0]) == 0.0


def test_places_are_finest_near_the_route() -> None:
    beside = torch.tensor([-30.0, -3.5, -0.2, 0.0, 0.05, 1.0, 8.0])
    assert bool(((beside_of(beside_step(beside)) - beside).abs() <= 0.01 + 0.06 * beside.abs()).all())
    assert float(beside_of(beside_step(torch.zeros(1)))) == 0.0


def test_a_plan_survives_being_said() -> None:
    speech = Speech(small("vla-1.0"))
    flat = {name: value.flatten(0, 1) for name, value in lesson(1, 4).items()}
    told = speech.write(flat)
    assert told.shape == (4, speech.length)
    back = plan_of(speech.steps(told), flat["route"], flat["ego"])
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
    steps = torch.stack([torch.zeros(20), torch.full((20,), 80.0)], -1).long()[None]
    xy = plan_of(steps, straight(1), torch.zeros(1, EGO_SIZE))
    assert float(xy.abs().max()) == 0.0
