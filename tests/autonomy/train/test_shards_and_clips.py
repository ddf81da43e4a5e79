"""What was driven comes back from disk as it was, and clips keep to one drive."""

from pathlib import Path

import numpy as np
import pytest

from autonomy.train.clips import Clips, Shares
from autonomy.train.shards import ShardWriter, finished, open_shard
from tests.autonomy.train.samples import tiny_shard


def test_a_shard_comes_back_as_it_was_written(tmp_path: Path) -> None:
    shard = tiny_shard(tmp_path / "a")
    assert shard.count == 12
    assert shard.frames.shape == (12, 2, 3, 4, 8)
    assert shard.rows["value"].tolist() == [0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15]
    assert shard.frames[3, 0, 0, 0, 0] == 11
    assert shard.rows["previous"].tolist() == [-1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert shard.variants["variant_of"].tolist() == [0, 3, 6, 9]


def test_the_same_drives_have_the_same_digest_and_other_drives_another(tmp_path: Path) -> None:
    digests = [tiny_shard(tmp_path / name, seed=seed).meta["digest"] for name, seed in [("a", 1), ("b", 1), ("c", 2)]]
    assert digests[0] == digests[1] != digests[2]


def test_an_unfinished_shard_does_not_count(tmp_path: Path) -> None:
    tiny_shard(tmp_path / "whole")
    ShardWriter(tmp_path / "cut", {"source": "plain"}).add("d", np.zeros((1, 3, 2, 2), np.uint8), {"cause": 0})
    assert finished(tmp_path) == [tmp_path / "whole"]
    with pytest.raises(ValueError, match="not finished"):
        open_shard(tmp_path / "cut")


def test_a_shard_with_cut_pictures_is_refused(tmp_path: Path) -> None:
    shard = tiny_shard(tmp_path / "a")
    (shard.path / "frames.u8").write_bytes(b"short")
    with pytest.raises(ValueError, match=r"frames: .* has 5 bytes"):
        open_shard(shard.path)


def test_rows_with_other_fields_or_shapes_are_refused(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path / "a", {})
    pixels = np.zeros((1, 3, 2, 2), np.uint8)
    writer.add("d", pixels, {"cause": 0})
    with pytest.raises(ValueError, match="'value'"):
        writer.add("d", pixels, {"cause": 0, "value": 1})
    with pytest.raises(ValueError, match="pixels"):
        writer.add("d", pixels[:, :, :1], {"cause": 0})
    with pytest.raises(ValueError, match="of: 7"):
        writer.add_variant(7, {"cause": 0})


def test_clips_follow_one_drive(tmp_path: Path) -> None:
    clips = Clips([tiny_shard(tmp_path / "a")], length=4, shares=Shares(variant=0.0))
    drawn = clips.draw(np.random.default_rng(0), 40)
    assert drawn["pixels"].shape == (40, 4, 2, 3, 4, 8)
    assert (np.diff(drawn["value"], axis=1) == 1).all()
    assert set(drawn["value"][:, 0].tolist()) == {0, 1, 2, 10, 11, 12}
    assert (drawn["pixels"][..., 0, 0, 0, 0] == drawn["value"]).all()


def test_drives_shorter_than_a_clip_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no plain drive is as long as a clip of 7"):
        Clips([tiny_shard(tmp_path / "a")], length=7)


def test_a_variant_has_the_same_picture_and_other_labels(tmp_path: Path) -> None:
    clips = Clips([tiny_shard(tmp_path / "a")], length=1, shares=Shares(variant=1.0))
    drawn = clips.draw(np.random.default_rng(0), 60)
    value, painted = drawn["value"][:, 0], drawn["pixels"][:, 0, 0, 0, 0, 0].astype(float)
    exchanged = value < 0
    assert exchanged.any()
    assert not exchanged.all()
    assert (value[exchanged] == -painted[exchanged] - 1).all()
    assert (value[~exchanged] == painted[~exchanged]).all()


def test_sources_have_their_share_of_every_batch(tmp_path: Path) -> None:
    shards = [tiny_shard(tmp_path / "a"), tiny_shard(tmp_path / "b", source="order", steps=30)]
    clips = Clips(shards, length=1, shares=Shares(plain=0.75, order=0.25, variant=0.0))
    drawn = clips.draw(np.random.default_rng(0), 4000)
    late = (drawn["value"] % 10 > 5) | (drawn["value"] >= 20)
    assert clips.rows == 12 + 60
    assert 0.15 < late.mean() < 0.25


def test_the_same_generator_draws_the_same_clips(tmp_path: Path) -> None:
    clips = Clips([tiny_shard(tmp_path / "a")], length=3)
    first, second = (clips.draw(np.random.default_rng((4, 2)), 8) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_no_shards_and_no_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shards"):
        Clips([], length=3)
    with pytest.raises(ValueError, match="length"):
        Clips([tiny_shard(tmp_path / "a")], length=0)
