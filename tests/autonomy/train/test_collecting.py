"""Drives are recorded with the teacher's labels, the same for the same seed; other words have other labels."""

from pathlib import Path

import numpy as np
import pytest

from autonomy.policy.teacher import Teacher
from autonomy.sim.grid import grid_town
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.train.collect import Collector, meta_of, teachable
from autonomy.train.counterfactuals import Asker
from autonomy.train.noise import Disturbance, Noise
from autonomy.train.seats import Seat, look
from autonomy.train.shards import Shard, ShardWriter, open_shard
from autonomy.world import RoadPosition

TOWN = RoadMap.from_arrays(grid_town())


class TwoCars:
    """Two cars on short ways in an empty town."""

    source = "plain"

    def __init__(self) -> None:
        self.world = World(TOWN, seed=4)
        for number, edge in enumerate((3, 8)):
            place = self.world.add_car(f"car-{number}", "p7", RoadPosition(edge, 30.0), at_kerb=False)
            goal = next(out for out in TOWN.successors[place.edge] if out != TOWN.edge_reverse[place.edge])
            self.world.set_mission_path(f"car-{number}", [place.edge, goal], place.offset_m, 30.0)
        self.world.attach_renderer(Renderer(TOWN, seed=4, side=self.world.roadside))
        self.seats = [Seat(car_id, self.world, car_id) for car_id in self.world.cars]

    def tick(self) -> tuple[str, ...]:
        return ()


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Shard]:
    """The same drive twice."""
    made = []
    for number in range(2):
        path = tmp_path_factory.mktemp("shards") / str(number)
        writer = ShardWriter(path, meta_of("plain", 1, "teacher"))
        asker = Asker(np.random.default_rng(2), every=1.0, count=2)
        noise = Noise(Disturbance(share=1.0), 3)
        Collector(TwoCars(), writer, teacher=Teacher(), noise=noise, asker=asker).run(12)
        writer.close()
        made.append(open_shard(path))
    return made


def test_pictures_and_labels_of_every_car_are_there(shards: list[Shard]) -> None:
    shard = shards[0]
    assert shard.frames.shape == (12, 5, 3, 64, 128)
    assert shard.frames.std() > 20
    assert shard.rows["plan"].shape == (12, 20, 3)
    assert shard.rows["previous"].tolist()[:4] == [-1, -1, 0, 1]
    assert (np.diff(shard.rows["plan"][0, :, 0]) >= 0).all()


def test_the_same_seed_records_the_same_bytes(shards: list[Shard]) -> None:
    assert shards[0].meta["digest"] == shards[1].meta["digest"]
    assert np.array_equal(shards[0].frames, shards[1].frames)


def test_other_words_at_the_same_picture_have_labels_of_their_own(shards: list[Shard]) -> None:
    shard = shards[0]
    of = shard.variants["variant_of"]
    assert len(of) >= 12
    words_differ = (shard.variants["words"] != shard.rows["words"][of]).any(axis=1)
    asked = shard.variants["order"] != 0
    assert words_differ[asked].all()
    assert np.array_equal(shard.variants["route"], shard.rows["route"][of])
    moved = np.abs(shard.variants["plan"] - shard.rows["plan"][of]).max(axis=(1, 2)) > 0.5
    assert moved[asked].any()
    assert not moved[~asked].any()


def test_without_a_renderer_nothing_is_recorded(tmp_path: Path) -> None:
    course = TwoCars()
    course.world._cameras = None
    writer = ShardWriter(tmp_path / "shard", {})
    with pytest.raises(ValueError, match="no renderer"):
        Collector(course, writer, teacher=Teacher()).step()
    assert writer.count == 0


def test_what_no_picture_shows_is_not_taught() -> None:
    course = TwoCars()
    seen = look(course.seats, frames=False)[0]
    assert teachable(seen) == 1.0
