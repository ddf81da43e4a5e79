"""Maps for training, without a database."""

from pathlib import Path

import numpy as np
import pytest

from autonomy.sim.roads import AREA_BUILDING, RoadMap
from ops.training_maps import main, towns


def test_towns_and_extracts_become_maps_with_buildings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--towns", "1", "--heldout", "1", "--junctions", "60", "60", "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.npz")) == [
        "heldout/town-600.npz",
        "train/town-100.npz",
    ]
    town, other = RoadMap.load(tmp_path / "train/town-100.npz"), RoadMap.load(tmp_path / "heldout/town-600.npz")
    assert town.digest != other.digest
    assert int((town.area_kind == AREA_BUILDING).sum()) > 50
    assert len(town.crossing_edge) > 0
    capsys.readouterr()
    assert main(arguments) == 0
    assert capsys.readouterr().out == ""  # what is there is kept


def test_the_same_seed_gives_the_same_towns() -> None:
    first = list(towns(3, first_seed=7, junctions=(60, 90)))
    assert first == list(towns(3, first_seed=7, junctions=(60, 90)))
    assert [town.seed for town in first] == [7, 8, 9]
    assert all(60 <= town.junctions <= 90 for town in first)
    assert len({town.junctions for town in towns(20, first_seed=7, junctions=(60, 90))}) > 5


@pytest.mark.parametrize("arguments", [["--junctions", "10", "20"], ["--junctions", "90", "70"], ["--towns", "-1"]])
def test_senseless_numbers_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "--" in capsys.readouterr().err


def test_a_broken_extract_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.osm.gz"
    broken.write_bytes(b"no extract")
    assert main(["--towns", "0", "--heldout", "0", "--out", str(tmp_path), str(broken)]) == 1
    assert "broken.osm.gz" in capsys.readouterr().err


def test_optional_arrays_of_a_map_must_fit(tmp_path: Path) -> None:
    from autonomy.sim.grid import grid_town

    arrays = grid_town(2, 2) | {"area_kind": np.array([3], dtype=np.uint8)}
    with pytest.raises(ValueError, match="area_offset"):
        RoadMap.from_arrays(arrays)
    arrays = grid_town(2, 2) | {"crossing_edge": np.array([999]), "crossing_offset_m": np.array([1.0])}
    with pytest.raises(ValueError, match="crossing_edge"):
        RoadMap.from_arrays(arrays)
