"""Releases and their scores: what is measured is shown, what is not is not made up, what is broken is named."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as depth
from hypothesis import strategies as st
from rest_framework.test import APIClient

from fleet.access.domain import WATCHERS, Role
from fleet.releases.domain import BadManifest, Figure, driver_of, read
from fleet.releases.selectors import MAX_BYTES
from fleet.vehicles.models import Vehicle

ClientOf = Callable[..., APIClient]
WHOLE: dict[str, Any] = {
    "name": "whatever the file says",
    "about": "Streams its memory.",
    "created_at": "2026-11-22T20:58:00Z",
    "parameters": 2_834_112,
    "training": {
        "minutes": 47.6,
        "frames": 412_000,
        "device": "2 CPU cores",
        "curve": [
            {"minutes": 10, "train_loss": 0.8, "val_loss": 0.9, "route_completion": None},
            {"minutes": 2.5, "train_loss": 1.4, "val_loss": 1.5},
        ],
    },
    "calibration": {"uncertainty_limit": 0.62},
    "scores": {
        "routes": 120,
        "km": 96.4,
        "maps": ["monaco", "heldout-3"],
        "with_safety": {
            "route_completion": {"value": 0.95, "low": 0.9, "high": 0.97, "n": 120},
            "at_fault_per_1000km": {"value": 0.0, "low": 0.0, "high": 38.3, "n": 0},
            "pdms": 0.91,
            "unheard_of": 1,
        },
        "language": {"obeyed": {"value": 0.0, "low": 0.0, "high": 1.0, "n": 0}},
        "scenarios": [{"name": "jaywalker", "success": 18, "n": 20, "teacher_success": 20}],
        "platforms": [{"name": "p7", "route_completion": 0.9}],
    },
    "inference": {
        "baseline": "vla-1.0",
        "batches": [{"batch": 1, "p50_ms": 6.1, "baseline_p50_ms": 91.0, "ratio": 14.9}],
        "steps": [{"choice": "streaming memory", "ratio": 4.1}],
    },
}


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HANSOM_RELEASES_DIR = tmp_path / "releases"
    return tmp_path / "releases"


def install(folder: Path, name: str, manifest: Any) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    (path / "manifest.json").write_text(text)
    return path


def test_a_manifest_is_read_as_it_stands() -> None:
    release = read("vla-2.0", WHOLE)
    assert (release.name, release.parameters, release.routes, release.maps) == (
        "vla-2.0",
        2_834_112,
        120,
        ("monaco", "heldout-3"),
    )
    assert release.with_safety == {
        "route_completion": Figure(0.95, 0.9, 0.97, 120),
        "at_fault_per_1000km": Figure(0.0, 0.0, 38.3, 0),
        "pdms": Figure(0.91),
    }
    assert [point.minutes for point in release.curve] == [2.5, 10.0]
    assert (release.scenarios[0].success, release.scenarios[0].teacher_success) == (18, 20)
    assert (release.batches[0].ratio, release.batches[0].p99_ms, release.choices[0].ratio) == (14.9, None, 4.1)
    assert release.problems == ()


def test_what_rests_on_nothing_was_not_measured() -> None:
    assert read("r", WHOLE).language == {}
    never_driven = {"value": 0.0, "low": 0.0, "high": math.inf, "n": 0}
    assert read("r", {"scores": {"with_safety": {"at_fault_per_1000km": never_driven}}}).with_safety == {}


def test_an_interval_without_end_has_none() -> None:
    endless = {"value": 3.0, "low": 1.0, "high": math.inf, "n": 2}
    assert read("r", {"scores": {"teacher": {"at_fault_per_1000km": endless}}}).teacher == {
        "at_fault_per_1000km": Figure(3.0, 1.0, None, 2)
    }


def test_an_empty_manifest_makes_up_nothing() -> None:
    release = read("r", {})
    assert (release.parameters, release.with_safety, release.curve, release.problems) == (None, {}, (), ())


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ({"parameters": "many"}, "parameters: not a number"),
        ({"parameters": -3}, "parameters: not a count"),
        ({"parameters": True}, "parameters: not a number"),
        ({"about": 5}, "about: not a text"),
        ({"training": []}, "training: not an object"),
        ({"training": {"minutes": math.nan}}, "training.minutes: not a number"),
        ({"scores": {"maps": ["a", 1]}}, "scores.maps: not a list of texts"),
        ({"scores": {"scenarios": {}}}, "scores.scenarios: not a list"),
        ({"scores": {"scenarios": [{"name": "x", "success": 9}]}}, "scores.scenarios[0]: not a row of this table"),
        ({"scores": {"scenarios": [7]}}, "scores.scenarios[0]: not a row of this table"),
        ({"scores": {"with_safety": {"pdms": "good"}}}, "scores.with_safety.pdms: not a number"),
        ({"inference": {"batches": [{"batch": 0}]}}, "inference.batches[0]: not a row of this table"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out_and_named(manifest: Any, problem: str) -> None:
    assert read("r", manifest).problems == (problem,)


@pytest.mark.parametrize("manifest", [None, 1, "x", [], [{}]])
def test_what_is_no_object_is_no_manifest(manifest: Any) -> None:
    with pytest.raises(BadManifest):
        read("r", manifest)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(sorted(WHOLE)), inner, max_size=4),
    max_leaves=20,
)


@depth(max_examples=50)
@given(st.dictionaries(st.sampled_from([*WHOLE, "curve", "value"]), json_values))
def test_no_manifest_breaks_the_reader(manifest: Any) -> None:
    read("r", manifest)


@pytest.mark.parametrize(
    ("software", "driver"),
    [("vla-2.0 hansom-agent/0.1", "vla-2.0"), ("rules/1 hansom-agent/0.1", "rules"), ("rules", "rules"), ("", "")],
)
def test_a_car_says_what_drives_it(software: str, driver: str) -> None:
    assert driver_of(software) == driver


@pytest.mark.parametrize("role", list(Role))
def test_releases_are_for_those_who_watch_the_fleet(folder: Path, client_of: ClientOf, role: Role) -> None:
    install(folder, "vla-2.0", WHOLE)
    answer = client_of(role).get("/api/console/releases")
    assert answer.status_code == (200 if role in WATCHERS else 403)


def test_good_ones_are_shown_beside_broken_ones(folder: Path, client_of: ClientOf, vehicle: Vehicle) -> None:
    Vehicle.objects.filter(pk=vehicle.pk).update(software="vla-2.0 hansom-agent/0.1")
    install(folder, "vla-2.0", WHOLE)
    install(folder, "vla-1.0", {**WHOLE, "parameters": "many"})
    install(folder, "vla-0.9", "{nonsense")
    install(folder, "vla-0.8", " " * (MAX_BYTES + 1))
    install(folder, "vla-0.7", "[" * 100_000)
    (folder / "vla-0.6").mkdir()
    install(folder, ".hidden", WHOLE)
    (folder / "a-file").write_text("x")
    told = client_of(Role.REGULATOR).get("/api/console/releases").json()
    assert [release["name"] for release in told["releases"]] == ["vla-2.0", "vla-1.0"]
    assert told["releases"][1]["problems"] == ["parameters: not a number"]
    assert {one["name"]: one["detail"] for one in told["unreadable"]} == {
        "vla-0.9": "its manifest is not JSON",
        "vla-0.8": f"the manifest is larger than {MAX_BYTES} bytes",
        "vla-0.7": "its manifest is not JSON",
        "vla-0.6": "it has no manifest.json",
    }
    assert told["cars"] == {"vla-2.0": 1}


def test_without_a_folder_there_is_no_release_and_no_error(folder: Path, client_of: ClientOf) -> None:
    told = client_of(Role.OPERATOR).get("/api/console/releases").json()
    assert told == {"releases": [], "unreadable": [], "cars": {}}


def test_an_answer_holds_no_number_that_json_does_not_know(folder: Path, client_of: ClientOf) -> None:
    endless = {"value": math.inf, "low": -math.inf, "high": math.nan, "n": 1}
    install(folder, "r", {"scores": {"with_safety": {"pdms": endless, "comfort": {**endless, "value": 1.0}}}})
    answer = client_of(Role.OPERATOR).get("/api/console/releases")
    assert b"Infinity" not in answer.content
    assert b"NaN" not in answer.content
    assert answer.json()["releases"][0]["with_safety"] == {"comfort": {"value": 1.0, "low": None, "high": None, "n": 1}}
