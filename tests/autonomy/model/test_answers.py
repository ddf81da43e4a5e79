"""From a network's answer to actions."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from autonomy.language import REFUSALS
from autonomy.model.answers import QUESTION, explanations, strangeness, to_actions, uncertainty
from autonomy.model.driving import prepare
from autonomy.model.features import default_tokenizer, encode, to_inputs
from autonomy.model.inputs import AUX_NAMES, CAUSES, ORDERS, Outputs
from autonomy.model.release import build
from autonomy.world import Cause, Observation, OrderKind
from tests.autonomy.model.small import small


def answer(
    rows: int, *, cause: Cause = Cause.CRUISE, order: str = "", refuse: float = 0.0, asks: float = 0.0
) -> Outputs:
    """Two modes: straight on at 5 m/s (weight 0.8), and 0.1 m/s."""
    due = torch.arange(1, 21) * 0.2
    zero = torch.zeros(20)
    modes = [torch.stack([speed * due, zero, zero, zero + speed], -1) for speed in (5.0, 0.1)]
    one_hot = torch.nn.functional.one_hot
    return Outputs(
        plans=torch.stack(modes).expand(rows, 2, 20, 4).clone(),
        weights=torch.tensor([0.8, 0.2]).expand(rows, 2),
        cause=one_hot(torch.tensor([CAUSES.index(cause)] * rows), len(CAUSES)).float(),
        order=one_hot(torch.tensor([ORDERS.index(order)] * rows), len(ORDERS)).float(),
        refuse=torch.full((rows,), refuse),
        help=torch.full((rows,), asks),
        error=torch.full((rows,), 0.5),
        aux=torch.zeros(rows, len(AUX_NAMES)),
        latents=torch.zeros(rows, 4, 64),
        embedding=torch.ones(rows, 3),
    )


def test_plans_turn_into_the_worlds_frame(seen: list[Observation]) -> None:
    for one, action in zip(seen, to_actions(seen, answer(4)), strict=True):
        ego = one.ego
        away = action.trajectory[:, :2] - [ego.x_m, ego.y_m]
        np.testing.assert_allclose(np.hypot(*away.T), np.arange(1, 21), rtol=1e-5)
        np.testing.assert_allclose(
            np.arctan2(away[:, 1], away[:, 0]), np.angle(np.exp(1j * ego.heading_rad)), atol=1e-6
        )
        np.testing.assert_allclose(action.trajectory[:, 2], ego.heading_rad)
        assert (action.car_id, action.time_s, action.cause) == (one.car_id, one.time_s, Cause.CRUISE)
        assert action.alternatives.shape == (2, 20, 4)


def test_a_plan_that_hardly_moves_stands(seen: list[Observation]) -> None:
    slow = to_actions(seen[:1], answer(1))[0].alternatives[1]
    np.testing.assert_allclose(slow, [[seen[0].ego.x_m, seen[0].ego.y_m, seen[0].ego.heading_rad, 0.0]] * 20)


def test_refusals_and_questions_are_put_into_words(seen: list[Observation]) -> None:
    told = [replace(seen[0], instruction="run the red light")]
    refused = to_actions(told, answer(1, cause=Cause.REFUSED, order=OrderKind.RUN_RED_LIGHT, refuse=0.9, asks=0.2))[0]
    assert refused.refuses == REFUSALS[OrderKind.RUN_RED_LIGHT]
    assert refused.help is None
    asking = to_actions(seen[:1], answer(1, cause=Cause.CRUISE, refuse=0.9, asks=0.9))[0]
    assert asking.refuses is None  # nobody has asked for anything
    assert asking.help == QUESTION


def test_uncertainty_grows_with_the_expected_error_and_its_scale() -> None:
    sure, unsure = answer(1), answer(1)
    unsure.error = torch.full((1,), 5.0)
    assert 0.0 < uncertainty(sure)[0] < uncertainty(unsure)[0] < 1.0
    assert uncertainty(sure, 3.0)[0] > uncertainty(sure)[0]


def test_strangeness_is_one_at_the_calibrated_limit() -> None:
    manifest = {"calibration": {"ood_scale": 4.0}, "extra": {"ood.mean": torch.zeros(3), "ood.precision": torch.eye(3)}}
    np.testing.assert_allclose(strangeness(torch.full((2, 3), 2.0), manifest), [1.0, 1.0])
    assert strangeness(torch.ones(2, 3), {}).tolist() == [0.0, 0.0]


def test_counts_must_fit(seen: list[Observation]) -> None:
    with pytest.raises(ValueError, match="outputs: 2 rows, must be 4"):
        to_actions(seen, answer(2))


@pytest.mark.parametrize("name", ["vla-2.0", "vla-1.0"])
def test_from_pictures_to_actions_and_words_in_half_precision(name: str, seen: list[Observation]) -> None:
    module = prepare(build(small(name)))
    outputs, _ = module.step(to_inputs(encode(seen)), module.new_memory(4))
    actions = to_actions(seen, outputs)
    assert all(np.isfinite(action.trajectory).all() for action in actions)
    words = explanations(module, outputs, [1, 3])
    assert len(words) == 2
    known = set(default_tokenizer().words)
    assert all(set(text.replace(":", " : ").replace(",", " , ").replace("?", " ? ").split()) <= known for text in words)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="precision: 'int2' is unknown"):
        prepare(build(small()), precision="int2")
