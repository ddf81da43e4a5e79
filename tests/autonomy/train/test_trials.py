"""Routes and scenarios are driven to their ends and judged."""

import json
from pathlib import Path

import numpy as np
import pytest

from autonomy.__main__ import main
from autonomy.policy.teacher import Teacher
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.train import trials
from autonomy.train.drives import Traffic
from autonomy.train.evaluate import Trial, by_platform, figures, run
from autonomy.train.routes import RouteCourse, draw_routes
from autonomy.world import Weather

TOWN = RoadMap.from_arrays(grid_town())


def test_the_expert_completes_its_routes_and_its_score_says_so() -> None:
    routes = draw_routes(TOWN, 2, seed=5)
    course = RouteCourse(TOWN, routes, seed=1, weather=Weather(), traffic=Traffic(0, 0, 0, 0))
    result = run(course, Trial(Teacher(), pictures=False))
    found = figures(result)
    assert found["route_completion"] == {"value": 1.0, "low": pytest.approx(0.342, abs=1e-3), "high": 1.0, "n": 2}
    assert found["at_fault_per_1000km"]["value"] == 0.0
    assert found["right_cause"]["value"] == 1.0
    assert {row["name"] for row in by_platform(result.drives)} == {score.platform for score in result.drives}


def test_the_expert_stops_at_a_red_light_on_a_stage() -> None:
    outcome = trials.scenario("red_light", TOWN, Trial(Teacher(), pictures=False, safety=False), seed=2)
    assert outcome is not None
    assert outcome.success


def test_a_map_without_a_place_has_no_outcome() -> None:
    arrays = grid_town()
    arrays["node_signal"] = np.zeros_like(arrays["node_signal"])
    bare = RoadMap.from_arrays(arrays)
    assert trials.scenario("red_light", bare, Trial(Teacher(), pictures=False), seed=2) is None


def test_evaluate_writes_what_it_found(tmp_path: Path) -> None:
    path = tmp_path / "town.npz"
    np.savez(path, **grid_town())
    out = tmp_path / "scores.json"
    assert main(["evaluate", "rules", "--maps", str(path), "--routes", "1", "--cars", "1", "--json", str(out)]) == 0
    scores = json.loads(out.read_text())
    assert scores["maps"] == ["town"]
    assert scores["scores"]["route_completion"]["n"] == 1


def test_unknown_drivers_and_empty_folders_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "nobody", "--maps", str(tmp_path)]) == 2
    assert "nobody" in capsys.readouterr().err
    assert main(["evaluate", "rules", "--maps", str(tmp_path)]) == 2
    assert "make maps" in capsys.readouterr().err
