"""What drives which car of a process: car.json, the command line, and what is refused."""

import json
from pathlib import Path

import pytest

from autonomy.agent.config import BadCar, load_cars
from autonomy.agent.hosting import posts_of
from autonomy.link.signing import public_text, write_new_key
from autonomy.policy.registry import BadPolicy, Post, parse_shares
from tests.autonomy.link.keys import FLEET_KEY

CARS = {"a": {}, "b": {"policy": "vla-2.0", "shadow": "vla-1.0"}, "c": {"policy": "rules"}, "d": {}}


@pytest.fixture
def cars(tmp_path: Path) -> Path:
    for name, more in CARS.items():
        write_car(tmp_path / "cars", name, more)
    return tmp_path / "cars"


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    for name in ("vla-2.0", "vla-1.0"):
        (tmp_path / "releases" / name).mkdir(parents=True)
        (tmp_path / "releases" / name / "manifest.json").write_text("{}")
    return tmp_path / "releases"


def write_car(cars: Path, name: str, more: dict[str, str]) -> None:
    folder = cars / name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "key.pem").exists():
        write_new_key(folder / "key.pem")
    about = {"vehicle_id": name, "platform": "p7", "fleet_key": public_text(FLEET_KEY), "start": [8.5, 50.1], **more}
    (folder / "car.json").write_text(json.dumps(about))


def test_car_files_go_before_the_command_line(cars: Path, releases: Path) -> None:
    given = posts_of(load_cars(cars), parse_shares("vla-2.0:1,rules"), shadow=None, releases=releases)
    assert given == {
        "a": Post("vla-2.0"),
        "b": Post("vla-2.0", shadow="vla-1.0"),
        "c": Post("rules"),
        "d": Post("rules"),
    }


def test_a_shadow_for_all_rides_in_cars_that_a_release_drives(cars: Path, releases: Path) -> None:
    given = posts_of(load_cars(cars), parse_shares("vla-1.0:1,rules"), shadow="vla-2.0", releases=releases)
    assert [given[name].shadow for name in "abcd"] == ["vla-2.0", "vla-1.0", None, None]


def test_what_can_not_be_is_refused(cars: Path, releases: Path) -> None:
    configs = load_cars(cars)
    with pytest.raises(BadPolicy, match=r"policy: 'vla-3.0' is not in .*; there are rules, vla-1.0, vla-2.0"):
        posts_of(configs, parse_shares("vla-3.0"), shadow=None, releases=releases)
    with pytest.raises(BadPolicy, match=r"vla-3\.0"):
        posts_of(configs, parse_shares("vla-2.0"), shadow="vla-3.0", releases=releases)
    with pytest.raises(BadPolicy, match=r"'vla-1\.0' is not in"):
        posts_of(configs, parse_shares("rules"), shadow=None, releases=releases / "nowhere")  # car b's own
    write_car(cars, "c", {"policy": "rules", "shadow": "vla-1.0"})
    with pytest.raises(BadCar, match=r"c/car\.json: shadow: a car on rules has no pictures for vla-1\.0"):
        posts_of(load_cars(cars), parse_shares("rules"), shadow=None, releases=releases)
    write_car(cars, "c", {"policy": "No Policy"})
    with pytest.raises(BadCar, match=r"c/car\.json"):
        load_cars(cars)
