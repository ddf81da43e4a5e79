"""From nothing to a release that drives, small; stopped and begun again it makes nothing twice."""

import json
from pathlib import Path

import numpy as np
import pytest

from autonomy.__main__ import main
from autonomy.model.release import load_release
from autonomy.sim.grid import grid_town
from autonomy.train.learn import curve


def command(folder: Path, *more: str) -> list[str]:
    return [
        "train", "--maps", str(folder / "maps"), "--data", str(folder / "data"), "--run", str(folder / "run"),
        "--rounds", "1", "--pictures", "36", "--round-pictures", "36", "--shard-pictures", "36", "--cars", "2",
        "--mixture", "1,0,0,0", "--updates", "4", "--calibration", "1", "--workers", "1", "--threads", "1",
        "--publish", str(folder / "release"), *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    (folder / "maps").mkdir()
    np.savez(folder / "maps" / "town.npz", **grid_town())
    assert main(command(folder)) == 0
    return folder


def test_both_rounds_are_recorded_and_the_second_is_driven_by_the_first_ones_release(folder: Path) -> None:
    metas = {path.parent.name: json.loads(path.read_text()) for path in (folder / "data").glob("*/*/shard.json")}
    assert sorted(metas) == ["r00-plain-00", "r01-plain-00", "r90-plain-00", "r90-plain-01"]
    assert metas["r00-plain-00"]["driver"] == "teacher"
    assert metas["r01-plain-00"]["driver"] == str(folder / "run" / "release")


def test_the_release_says_how_it_was_made_and_knows_its_doubts(folder: Path) -> None:
    _, manifest = load_release(folder / "release")
    assert manifest["name"] == "vla-2.0"
    assert manifest["training"]["updates"] == 4
    assert len(manifest["data_digest"]) == 64
    assert manifest["calibration"]["ood_limit"] == 1.0
    assert 0.0 < manifest["calibration"]["uncertainty_limit"] < 1.0
    assert manifest["extra"]["ood.precision"].shape == (192, 192)
    assert (folder / "run" / "checkpoint.safetensors").exists()


def test_begun_again_it_makes_nothing_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = folder / "data" / "train" / "r00-plain-00" / "shard.json"
    before, rows = shard.stat().st_mtime_ns, len(curve(folder / "run"))
    assert main(command(folder)) == 0
    assert shard.stat().st_mtime_ns == before
    assert len(curve(folder / "run")) == rows
    assert "goes on from update 4" in capsys.readouterr().out


def test_a_bad_mixture_and_a_folder_without_maps_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tmp_path, "--mixture", "1,2")) == 2
    assert "mixture" in capsys.readouterr().err
    assert main(command(tmp_path)) == 2
    assert "maps: none" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
