"""Films of drives."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autonomy.__main__ import main
from autonomy.film.above import ground_colours
from autonomy.sim.grid import grid_town
from autonomy.sim.junctions import find_junctions
from autonomy.sim.render.ground import GroundAtlas
from autonomy.sim.roads import RoadMap
from autonomy.sim.roadside import Roadside


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("maps") / "town.npz"
    np.savez(path, **grid_town(4, 4))
    return path


def test_a_scenario_becomes_a_film(map_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "film.gif"
    assert main(["film", "town", "--map", str(map_file), "--seconds", "2", "--fps", "2", "--out", str(out)]) == 0
    with Image.open(out) as film:
        assert film.size == (512, 302)
        assert getattr(film, "n_frames", 1) == 4
        assert film.info["duration"] == 500
        assert len(np.unique(np.asarray(film.convert("RGB")).reshape(-1, 3), axis=0)) > 20
    assert "4 pictures" in capsys.readouterr().out


def test_scenarios_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["film", "--list"]) == 0
    listed = capsys.readouterr().out.split()
    assert listed[0] == "town"
    assert "red_light" in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["town"], "--map"),
        (["no_such_thing", "--map", "MAP"], "no_such_thing"),
        (["town", "--map", "MAP", "--start", "9", "--seconds", "3"], "--start"),
        (["town", "--map", "MAP", "--policy", "nobody"], "nobody"),
        (["town", "--map", "/nowhere.npz"], "nowhere"),
    ],
)
def test_what_can_not_be_filmed_is_said(
    map_file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["film", *(str(map_file) if part == "MAP" else part for part in arguments)]) == 2
    assert said in capsys.readouterr().err


def test_the_ground_from_above_is_asphalt_on_the_road_and_green_beside_it() -> None:
    road_map = RoadMap.from_arrays(grid_town(3, 3))
    side = Roadside(road_map, find_junctions(road_map))
    atlas = GroundAtlas(road_map, side, np.zeros((0, 2)))
    x, y, _ = side.place(0, 45.0, 1.0)
    colours = ground_colours(atlas, np.array([x, 60.0, 1e6]), np.array([y, 60.0, 0.0])).astype(int)
    assert np.abs(colours[0] - (74, 75, 79)).max() < 16
    assert colours[1, 1] > colours[1, 2] + 10
    assert colours[2].tolist() == [0, 0, 0]
