"""Vector tiles of the base map."""

import math
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geofence.base.errors import NotFound
from geofence.roads import selectors, services, tiles

pytestmark = pytest.mark.django_db


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    y = math.asinh(math.tan(math.radians(lat)))
    return z, int((lon + 180) / 360 * 2**z), int((1 - y / math.pi) / 2 * 2**z)


@pytest.fixture
def middle(demo_file: Path) -> tuple[float, float]:
    services.import_extract(demo_file, slug="demo", name="Demo")
    west, south, east, north = selectors.network(fresh=True).bbox
    return (west + east) / 2, (south + north) / 2


def layers(tile: bytes) -> dict[str, bytes]:
    """Names and bodies of the layers (field 3 of the tile; name is field 1 of a layer)."""
    found, at = {}, 0

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = tile[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at

    while at < len(tile):
        key, at = varint(at)
        assert key == (3 << 3 | 2)
        size, at = varint(at)
        body = tile[at : at + size]
        at += size
        start = body.index(b"\x0a")
        found[body[start + 2 : start + 2 + body[start + 1]].decode()] = body
    return found


def test_a_tile_in_the_city_has_all_layers(middle: tuple[float, float]) -> None:
    found = layers(selectors.tile(*tile_at(*middle, 14)))
    assert set(found) == {"roads", "water", "park", "building", "signals"}
    for word in (b"class", b"name", b"oneway", b"bridge", b"residential", b"Quay"):
        assert word in found["roads"]


def test_far_out_only_main_roads_and_water_are_drawn(middle: tuple[float, float]) -> None:
    found = layers(selectors.tile(*tile_at(*middle, 9)))
    assert set(found) == {"roads", "water"}
    assert b"trunk" in found["roads"]
    assert b"residential" not in found["roads"]


def test_a_tile_of_the_open_sea_is_empty(middle: tuple[float, float]) -> None:
    assert selectors.tile(*tile_at(-30.0, 0.0, 12)) == b""


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (19, 0, 0), (3, 8, 0), (3, 0, -1), (0, 0, 1)])
def test_numbers_that_name_no_tile_are_refused(middle: tuple[float, float], z: int, x: int, y: int) -> None:
    with pytest.raises(NotFound):
        selectors.tile(z, x, y)


def test_a_tile_is_made_once_and_again_for_another_map(
    middle: tuple[float, float], demo_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "_kept", type(tiles._kept)())
    place = tile_at(*middle, 14)
    first = selectors.tile(*place)
    with CaptureQueriesContext(connection) as queries:
        assert selectors.tile(*place) == first
    assert len(queries) == 1
    services.import_extract(demo_file, slug="other", name="Other")
    with CaptureQueriesContext(connection) as queries:
        selectors.tile(*place)
    assert len(queries) > 1
