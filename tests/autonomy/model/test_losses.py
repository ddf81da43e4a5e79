"""Learning: every weight is reached, the loss falls, what is not to be learned is not."""

import pytest
import torch

from autonomy.model.losses import clip_loss
from autonomy.model.release import build
from tests.autonomy.model.small import lesson, small

BOTH = ("vla-2.0", "vla-1.0")


@pytest.mark.parametrize("name", BOTH)
def test_every_weight_gets_a_gradient(name: str) -> None:
    torch.manual_seed(0)
    module = build(small(name))
    total, parts = clip_loss(module, lesson(2, 4))
    total.backward()  # type: ignore[no-untyped-call]
    assert all(bool(torch.isfinite(value)) for value in parts.values())
    missed = [key for key, value in module.named_parameters() if value.grad is None]
    assert missed == []


@pytest.mark.parametrize("name", BOTH)
def test_a_few_updates_teach_to_stop_at_dark_pictures(name: str) -> None:
    torch.manual_seed(0)
    module = build(small(name))
    optimiser = torch.optim.AdamW(module.parameters(), lr=2e-3)
    held_out = lesson(8, 2, seed=99)
    module.eval()
    with torch.no_grad():
        before = clip_loss(module, held_out)[1]
    for step in range(30):
        module.train()
        loss, _ = clip_loss(module, lesson(6, 2, seed=step))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    module.eval()
    with torch.no_grad():
        after = clip_loss(module, held_out)[1]
    assert float(after["plan"]) < 0.7 * float(before["plan"])
    assert float(after["signal_accuracy"]) == 1.0
    assert float(after["cause_accuracy"]) == 1.0


@pytest.mark.parametrize("name", BOTH)
def test_plans_of_weight_nought_are_not_learned(name: str) -> None:
    module = build(small(name)).eval()
    batch = lesson(1, 4)
    batch["weight"] = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    with torch.no_grad():
        one = clip_loss(module, batch)[1]["plan"]
        batch["plan"][:, 1:] += 9.0
        other = clip_loss(module, batch)[1]["plan"]
    torch.testing.assert_close(one, other)


def test_evaluation_draws_nothing() -> None:
    module = build(small()).eval()
    batch = lesson(2, 4)
    with torch.no_grad():
        assert float(clip_loss(module, batch)[0]) == float(clip_loss(module, batch)[0])


def test_a_stranger_is_refused() -> None:
    with pytest.raises(ValueError, match="Linear is no network of ours"):
        clip_loss(torch.nn.Linear(1, 1), lesson(1, 2))
