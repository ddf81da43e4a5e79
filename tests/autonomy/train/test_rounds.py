"""Rounds are made of shards that are named, seeded and made once."""

from pathlib import Path

import numpy as np
import pytest

from autonomy.train.cli import mixture_of
from autonomy.train.conditions import fair_weather, lens_fault, thick_fog
from autonomy.train.noise import Disturbance, Noise
from autonomy.train.orders import GIVEN, drawn_order
from autonomy.train.rounds import Mixture, data_digest, jobs, missing
from autonomy.world import ACTION_STEPS, UNSAFE, Action, LensFault, OrderKind
from tests.autonomy.train.samples import tiny_shard

MAPS = [Path("a.npz"), Path("b.npz"), Path("c.npz")]


def made(number: int = 0, seed: int = 1) -> list[tuple[str, str, int]]:
    found = jobs(number, MAPS, pictures=20_000, shard_pictures=1_000, cars=8, seed=seed)
    return [(job.name, job.source, job.seed) for job in found]


def test_a_round_is_made_of_its_mixture_and_every_prefix_nearly_so() -> None:
    sources = [source for _, source, _ in made()]
    assert {source: sources.count(source) for source in sources} == {"plain": 12, "scenario": 4, "order": 3, "limit": 1}
    assert sources[:10].count("plain") == 6
    assert set(sources[:10]) == {"plain", "scenario", "order", "limit"}


def test_no_two_shards_share_a_name_or_a_seed() -> None:
    found = [*made(0), *made(1), *made(0, seed=2)]
    assert len({seed for _, _, seed in found}) == len(found)
    assert len({name for name, _, _ in [*made(0), *made(1)]}) == 40
    assert made(0) == made(0)


def test_without_maps_there_are_no_jobs() -> None:
    with pytest.raises(ValueError, match="maps"):
        jobs(0, [], pictures=10, shard_pictures=10, cars=1, seed=0)


def test_finished_shards_are_not_made_again_and_others_of_that_name_are_refused(tmp_path: Path) -> None:
    wanted = jobs(0, MAPS, pictures=4, shard_pictures=1, cars=1, seed=0, mixture=Mixture(1, 0, 0, 0))
    tiny_shard(tmp_path / wanted[0].name, seed=wanted[0].seed)
    assert missing(tmp_path, wanted) == wanted[1:]
    tiny_shard(tmp_path / wanted[1].name, seed=77)
    with pytest.raises(ValueError, match="of seed 77"):
        missing(tmp_path, wanted)


def test_the_digest_of_the_data_follows_its_shards(tmp_path: Path) -> None:
    empty = data_digest(tmp_path)
    tiny_shard(tmp_path / "a")
    one = data_digest(tmp_path)
    tiny_shard(tmp_path / "b", seed=3)
    assert len({empty, one, data_digest(tmp_path)}) == 3


def test_mixtures_are_read_and_bad_ones_refused() -> None:
    assert mixture_of("60, 20,15,5") == Mixture(60, 20, 15, 5)
    assert mixture_of(None) == Mixture()
    for bad in ("1,2,3", "a,b,c,d", "0,0,0,0", "-1,1,1,1"):
        with pytest.raises(ValueError, match="mixture"):
            mixture_of(bad)


def test_orders_are_drawn_of_every_kind_and_unsafe_ones_too() -> None:
    random = np.random.default_rng(0)
    drawn = [drawn_order(random) for _ in range(3000)]
    assert set(drawn) == set(OrderKind) == set(GIVEN)
    assert 0.08 < sum(kind in UNSAFE for kind in drawn) / len(drawn) < 0.18


def test_fair_weather_can_be_driven_in_and_thick_fog_can_not() -> None:
    random = np.random.default_rng(0)
    fair = [fair_weather(random) for _ in range(300)]
    assert min(weather.visibility_m for weather in fair) >= 200
    assert any(weather.rain > 0 for weather in fair)
    assert any(weather.sun_elevation_rad < 0 for weather in fair)
    assert max(thick_fog(random).visibility_m for _ in range(300)) <= 40
    assert {lens_fault(random)[1] for _ in range(50)} == {LensFault.BLACK, LensFault.DIRT, LensFault.BLUR}


def straight() -> Action:
    rows = [(8.0 * 0.2 * (k + 1), 0.0, 0.0, 8.0) for k in range(ACTION_STEPS)]
    return Action.from_rows("a", 0.0, rows, "drive")


def test_disturbances_are_slow_bounded_and_repeatable() -> None:
    noise = Noise(Disturbance(lateral_m=0.4, speed=0.1, share=1.0), seed=5)
    again = Noise(Disturbance(lateral_m=0.4, speed=0.1, share=1.0), seed=5)
    sideways, speeds = [], []
    for _ in range(400):
        moved = noise.apply([straight()])[0]
        assert np.array_equal(moved.trajectory, again.apply([straight()])[0].trajectory)
        sideways.append(float(moved.trajectory[-1, 1]))
        speeds.append(float(moved.trajectory[0, 3]))
    assert abs(np.mean(sideways)) < 0.15
    assert 0.25 < np.std(sideways) < 0.55
    assert np.abs(np.diff(sideways)).mean() < 0.2
    assert min(speeds) >= 8 * 0.6
    assert max(speeds) <= 8 * 1.3


def test_a_car_that_stands_is_not_disturbed() -> None:
    rows = [(0.0, 0.0, 0.0, 0.0)] * ACTION_STEPS
    still = Action.from_rows("a", 0.0, rows, "wait")
    assert Noise(Disturbance(share=1.0), seed=1).apply([still])[0] is still
