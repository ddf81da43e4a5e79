"""Extracts to import: real ones where they are at hand, small generated ones always."""

import os
from pathlib import Path

import pytest

from geofence.roads import selectors

ROOT = Path(__file__).resolve().parents[3]


def shared_file(*parts: str) -> Path:
    """A file of the shared data, or a skipped test."""
    places = [Path(os.environ["HANSOM_SHARED"])] if "HANSOM_SHARED" in os.environ else [ROOT.parent / "shared"]
    path = places[0].joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand; set HANSOM_SHARED")
    return path


@pytest.fixture(autouse=True)
def _own_map_directory(settings, tmp_path_factory):
    settings.HANSOM_MAP_DIR = tmp_path_factory.mktemp("map")
    selectors.forget()
    yield
    selectors.forget()


@pytest.fixture
def monaco() -> Path:
    return shared_file("osm", "monaco.osm.gz")


@pytest.fixture
def berlin() -> Path:
    return shared_file("osm", "berlin-siegessaeule.osm.gz")
