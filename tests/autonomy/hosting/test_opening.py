"""From posts to an engine: what can't be opened costs its own cars their driver and nobody else anything."""

from pathlib import Path

import pytest

from autonomy.hosting.opening import open_engine
from autonomy.policy.registry import Post
from tests.autonomy.hosting.fakes import FakeNetwork, seen


class Loader:
    """`bad`: releases that can't be loaded."""

    def __init__(self, *bad: str) -> None:
        self._bad = bad
        self.loaded: dict[str, FakeNetwork] = {}

    def __call__(self, folder: Path, *, device: str) -> FakeNetwork:
        if folder.name in self._bad:
            raise ValueError("sha256: not the file that the manifest names")
        self.loaded[folder.name] = FakeNetwork(folder.name)
        return self.loaded[folder.name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    return tmp_path


POSTS = {"a": Post("new", shadow="old"), "b": Post("old"), "c": Post("rules")}


def test_every_release_is_loaded_once_warmed_up_and_put_to_work(folder: Path) -> None:
    load = Loader()
    with open_engine(POSTS, releases=folder, load=load) as engine:
        assert [engine.release_of(car) for car in "abc"] == ["new", "old", None]
        assert [engine.shadow_of(car) for car in "abc"] == ["old", None, None]
        assert {name: network.warmed for name, network in load.loaded.items()} == {
            "new": [1, 4, 16],
            "old": [1, 4, 16],
        }
        engine.submit([seen("a"), seen("b")])
        engine.catch_up()
        assert {answer.release for answer in engine.collect()} == {"new", "old"}


def test_a_release_that_does_not_open_leaves_the_others_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_engine(POSTS, releases=folder, load=Loader("new"), waits=True) as engine:
        assert [engine.release_of(car) for car in "ab"] == [None, "old"]
    assert "release new can't be opened, its cars stay where they are: sha256" in caplog.text


def test_a_shadow_that_does_not_open_costs_the_driver_nothing(folder: Path) -> None:
    with open_engine(POSTS, releases=folder, load=Loader("old"), waits=True) as engine:
        assert (engine.release_of("a"), engine.shadow_of("a")) == ("new", None)


def test_a_release_that_is_not_in_the_folder_is_one_that_does_not_open(folder: Path) -> None:
    with open_engine({"a": Post("lost")}, releases=folder, load=Loader(), waits=True) as engine:
        assert engine.release_of("a") is None


def test_a_world_that_waits_gets_every_answer_however_long_it_takes(folder: Path) -> None:
    with open_engine({"a": Post("new")}, releases=folder, load=Loader(), waits=True) as engine:
        for time_s in (1.0, 1.2, 1.4):
            engine.submit([seen("a", time_s)])
            engine.catch_up()
            assert [answer.action.time_s for answer in engine.collect()] == [time_s]
        assert (engine.limits.stale_s, engine.limits.hang_s) == (60.0, 90.0)
