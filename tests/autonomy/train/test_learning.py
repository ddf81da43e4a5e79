"""Learning goes on where it stopped, measures always the same, and ends with its budget."""

from pathlib import Path

import numpy as np
import pytest
import torch

from autonomy.train.clips import Clips, Shares
from autonomy.train.feed import batches, to_tensors
from autonomy.train.learn import Learner, Recipe, curve, note, stops_early, validate
from autonomy.train.schedule import Budget, Rate
from tests.autonomy.train.samples import Tiny, tiny_loss, tiny_shard

RECIPE = Recipe(rate=Rate(peak=0.01, warm_updates=2), bf16=False, validate_every=5, patience=2)


def learned(clips: Clips, updates: int, learner: Learner | None = None) -> Learner:
    learner = learner or Learner(Tiny(), tiny_loss, RECIPE)
    for _, batch in zip(range(updates), batches(clips, 8, seed=1, first=learner.updates), strict=False):
        learner.update(to_tensors(batch), progress=0.0)
    return learner


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return Clips([tiny_shard(tmp_path / "shard")], length=2, shares=Shares(variant=0.0))


def test_the_loss_falls(clips: Clips) -> None:
    before = validate(Learner(Tiny(), tiny_loss, RECIPE), clips, batch=8, count=4)["loss"]
    after = validate(learned(clips, 80), clips, batch=8, count=4)["loss"]
    assert after < before / 10


def test_going_on_from_a_checkpoint_gives_the_weights_of_one_run(clips: Clips, tmp_path: Path) -> None:
    whole = learned(clips, 12)
    first = learned(clips, 7)
    first.save(tmp_path / "run")
    second = Learner(Tiny(), tiny_loss, RECIPE)
    assert second.load(tmp_path / "run")
    assert second.updates == 7
    learned(clips, 5, second)
    for name, value in whole.module.state_dict().items():
        assert torch.equal(value, second.module.state_dict()[name])
        assert torch.equal(whole.mean[name], second.mean[name])


def test_a_checkpoint_of_another_network_is_refused(clips: Clips, tmp_path: Path) -> None:
    learned(clips, 1).save(tmp_path / "run")
    other = Learner(torch.nn.Linear(2, 2), tiny_loss, RECIPE)
    with pytest.raises(ValueError, match="another network"):
        other.load(tmp_path / "run")
    assert not other.load(tmp_path / "nothing")


def test_a_gradient_that_is_not_finite_changes_nothing(clips: Clips) -> None:
    learner = learned(clips, 3)
    before = {name: value.clone() for name, value in learner.module.state_dict().items()}
    batch = to_tensors(clips.draw(np.random.default_rng(0), 8))
    batch["value"] = batch["value"] * float("nan")
    learner.update(batch, progress=0.0)
    assert all(torch.equal(value, before[name]) for name, value in learner.module.state_dict().items())


def test_the_mean_of_weights_is_swapped_in_and_out(clips: Clips) -> None:
    learner = learned(clips, 5)
    own = learner.module.state_dict()["line.weight"].clone()
    with learner.with_mean() as module:
        assert torch.equal(module.state_dict()["line.weight"], learner.mean["line.weight"])
        assert not torch.equal(module.state_dict()["line.weight"], own)
    assert torch.equal(learner.module.state_dict()["line.weight"], own)


def test_the_rate_warms_up_holds_and_descends() -> None:
    rate = Rate(peak=1.0, warm_updates=10, descent=0.2, floor=0.1)
    assert rate.at(0, 0.0) == pytest.approx(0.1)
    assert rate.at(9, 0.5) == pytest.approx(1.0)
    assert rate.at(99, 0.9) == pytest.approx(0.55)
    assert rate.at(99, 1.0) == pytest.approx(0.1)
    with pytest.raises(ValueError, match=r"progress: 1\.5"):
        rate.at(0, 1.5)


def test_a_budget_ends_by_updates_or_by_the_clock_and_counts_earlier_runs() -> None:
    now = [100.0]
    budget = Budget(updates=10, minutes=1.0, spent_s=30.0, clock=lambda: now[0])
    assert budget.progress(2) == pytest.approx(0.5)
    assert budget.progress(8) == pytest.approx(0.8)
    now[0] = 131.0
    assert budget.progress(2) == 1.0
    assert budget.spent_s == pytest.approx(61.0)
    with pytest.raises(ValueError, match="updates or minutes"):
        Budget()


def test_learning_stops_when_the_held_out_loss_no_longer_falls() -> None:
    learner = Learner(Tiny(), tiny_loss, RECIPE)
    assert not stops_early(learner, 1.0)
    learner.updates = 9
    assert not stops_early(learner, 1.0)
    learner.updates = 10
    assert stops_early(learner, 1.0)
    assert not stops_early(learner, 0.5)


def test_the_curve_leaves_out_a_row_that_was_cut(tmp_path: Path) -> None:
    note(tmp_path, {"update": 1})
    with (tmp_path / "curve.jsonl").open("a") as file:
        file.write('{"update": 2, "lo')
    assert curve(tmp_path) == [{"update": 1}]
