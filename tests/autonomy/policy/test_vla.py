"""The learned driver with random weights: it drives nowhere sensible, but it answers, remembers and refuses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autonomy.model.config import ModelConfig
from autonomy.model.release import build, save_release
from autonomy.policy.base import Policy
from autonomy.policy.registry import BadPolicy
from autonomy.policy.vla import VlaNetwork, VlaPolicy, load_network, load_policy, use_threads
from autonomy.sim.errands import Errands
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world.action import ACTION_STEPS
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import CameraFrames, Observation

CARS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases with random weights."""
    folder = tmp_path_factory.mktemp("releases")
    use_threads(1)
    calibration = {"uncertainty_limit": 0.7, "error_scale": 1.0, "note": "text"}
    for generation in ("vla-2.0", "vla-1.0"):
        module = build(ModelConfig.of(generation), seed=3)
        save_release(folder / generation, module, {"calibration": calibration})
    return folder


@pytest.fixture(params=["vla-2.0", "vla-1.0"])
def network(folder: Path, request: pytest.FixtureRequest) -> VlaNetwork:
    return load_network(folder / request.param)


@pytest.fixture(scope="module")
def road() -> list[Observation]:
    """What three cars see; the pictures are noise."""
    world = World(RoadMap.from_arrays(grid_town()), seed=1)
    errands = Errands(world, 1)
    ids = errands.add_cars(CARS)
    errands.tick()
    return [with_noise(seen, k) for k, seen in enumerate(world.observe(ids))]


def with_noise(seen: Observation, seed: int) -> Observation:
    pixels = np.random.default_rng(seed).integers(0, 256, (5, 3, 64, 128), dtype=np.uint8)
    return replace(seen, frames=CameraFrames(pixels, CAMERA_NAMES, seen.time_s))


def later(road: list[Observation], steps: int) -> list[Observation]:
    return [with_noise(replace(seen, time_s=seen.time_s + 0.2 * steps), 10 * steps + k) for k, seen in enumerate(road)]


def test_it_is_a_policy_by_name_of_its_release(network: VlaNetwork) -> None:
    policy: Policy = VlaPolicy(network)
    assert policy.name == network.release
    assert isinstance(policy, Policy)
    assert network.calibration == {"uncertainty_limit": 0.7, "error_scale": 1.0}


def test_every_car_gets_a_finite_plan_that_begins_where_it_stands(network: VlaNetwork, road: list[Observation]) -> None:
    actions = VlaPolicy(network).act(road)
    assert [action.car_id for action in actions] == [seen.car_id for seen in road]
    for seen, action in zip(road, actions, strict=True):
        assert action.time_s == seen.time_s
        assert action.trajectory.shape == (ACTION_STEPS, 4)
        assert np.isfinite(action.trajectory).all()
        assert np.hypot(*(action.trajectory[0, :2] - (seen.ego.x_m, seen.ego.y_m))) < 5.0
        assert 0.0 <= action.uncertainty <= 1.0
        assert action.explanation == ""


def test_each_car_remembers_its_own_past_and_no_other(network: VlaNetwork, road: list[Observation]) -> None:
    alone = VlaPolicy(network)
    together = VlaPolicy(network)
    for steps in range(3):
        one = alone.act(later(road, steps)[:1])[0]
        many = together.act(later(road, steps))[0]
        np.testing.assert_allclose(one.trajectory, many.trajectory, atol=0.1)  # bf16 sums differ with the batch
    fresh = VlaPolicy(network).act(later(road, 2)[:1])[0]
    assert np.abs(fresh.trajectory - many.trajectory).max() > 1e-6


def test_reset_forgets_the_past_of_one_car(network: VlaNetwork, road: list[Observation]) -> None:
    policy = VlaPolicy(network)
    for steps in range(3):
        policy.act(later(road, steps)[:1])
    policy.reset([road[0].car_id])
    again = policy.act(later(road, 3)[:1])[0]
    fresh = VlaPolicy(network).act(later(road, 3)[:1])[0]
    np.testing.assert_array_equal(again.trajectory, fresh.trajectory)


def test_the_same_pictures_give_the_same_plans(folder: Path, road: list[Observation]) -> None:
    first, second = load_policy("vla-2.0", releases=folder), load_policy("vla-2.0", releases=folder)
    for steps in range(2):
        for one, other in zip(first.act(later(road, steps)), second.act(later(road, steps)), strict=True):
            np.testing.assert_array_equal(one.trajectory, other.trajectory)


def test_words_are_made_only_where_they_are_wanted(
    network: VlaNetwork, road: list[Observation], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(module: object, outputs: object, rows: list[int]) -> list[str]:
        return [f"row {row}" for row in rows]

    monkeypatch.setattr("autonomy.policy.vla.explanations", say)  # random weights may well say nothing
    actions, memory = network.step(road, network.empty_memory(CARS), in_words=[False, True, False])
    assert [action.explanation for action in actions] == ["", "row 1", ""]
    assert all(len(rows) == CARS for rows in memory.values())


def test_warm_up_leaves_nothing_behind(network: VlaNetwork, road: list[Observation]) -> None:
    before, _ = network.step(road, network.empty_memory(CARS), in_words=[False] * CARS)
    network.warm_up(2)
    after, _ = network.step(road, network.empty_memory(CARS), in_words=[False] * CARS)
    np.testing.assert_array_equal(before[0].trajectory, after[0].trajectory)


def test_no_pictures_no_answer(network: VlaNetwork, road: list[Observation]) -> None:
    blind = replace(road[0], frames=None)
    with pytest.raises(ValueError, match="frames"):
        VlaPolicy(network).act([blind])
    with pytest.raises(ValueError, match="frames: an observation has no pictures"):
        network.step([blind], network.empty_memory(1), in_words=[False])


def test_pictures_of_the_wrong_shape_are_no_answer_but_an_error(network: VlaNetwork, road: list[Observation]) -> None:
    small = CameraFrames(np.zeros((5, 3, 8, 8), dtype=np.uint8), CAMERA_NAMES, 0.0)
    with pytest.raises(RuntimeError, match=rf"{network.release} has no answer for {road[0].car_id}"):
        VlaPolicy(network).act([replace(road[0], frames=small)])


def test_a_release_that_was_changed_on_its_way_is_refused(folder: Path, tmp_path: Path) -> None:
    changed = tmp_path / "vla-2.0"
    changed.mkdir()
    for part in (folder / "vla-2.0").iterdir():
        (changed / part.name).write_bytes(part.read_bytes())
    weights = bytearray((changed / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (changed / "weights.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match="sha256"):
        load_network(changed)
    (changed / "weights.safetensors").unlink()
    with pytest.raises(ValueError, match="weights"):
        load_network(changed)
    (changed / "manifest.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(ValueError, match="format"):
        load_network(changed)
    with pytest.raises(BadPolicy, match="vla-9"):
        load_policy("vla-9", releases=folder)


def test_threads_must_be_at_least_one() -> None:
    with pytest.raises(ValueError, match="threads: 0"):
        use_threads(0)
