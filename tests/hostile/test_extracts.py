"""Extracts that are none: the command says why in one line, and the active network, its rows and files stay."""

import bz2
import gzip
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from geofence.base.errors import Refusal
from geofence.roads import selectors, services
from geofence.roads.domain.network import Network
from geofence.roads.models import MapFeature, RoadEdge, RoadNetwork, SpeedFactor
from geofence.stops.models import StoppingPlace
from tests.conftest import ROOT
from tests.geofence.roads.conftest import osm_file

__all__ = ["osm_file"]

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20
HEAD = b'<?xml version="1.0"?><osm version="0.6">'
NODES = b"".join(b'<node id="%d" lon="%f" lat="43.7"/>' % (n, 7.4 + n / 1000) for n in range(1, 400))
ROAD = b'<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>'
BOMB = b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


def place(lon: str, lat: str, number: int = 1) -> bytes:
    return f'<node id="{number}" lon="{lon}" lat="{lat}"/>'.encode()


def shuffled(data: bytes) -> bytes:
    return bytes(random.Random(3).choices(data, k=4000))


CASES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "png as pbf": ("a.osm.pbf", lambda pbf: PNG),
    "png as xml": ("a.osm", lambda pbf: PNG),
    "png as gz": ("a.osm.gz", lambda pbf: PNG),
    "png as bz2": ("a.osm.bz2", lambda pbf: PNG),
    "gz of text": ("a.osm.gz", lambda pbf: gzip.compress(b"hello, this is no map " * 500)),
    "gz of nothing": ("a.osm.gz", lambda pbf: gzip.compress(b"")),
    "gz of pbf": ("a.osm.gz", gzip.compress),
    "gz as pbf": ("a.osm.pbf", gzip.compress),
    "gz cut in the middle": ("a.osm.gz", lambda pbf: gzip.compress(HEAD + NODES + ROAD + b"</osm>")[:900]),
    "gz cut before its sum": ("a.osm.gz", lambda pbf: gzip.compress(HEAD + NODES + ROAD + b"</osm>")[:-8]),
    "gz with a wrong sum": ("a.osm.gz", lambda pbf: gzip.compress(HEAD + NODES + ROAD + b"</osm>")[:-8] + b"x" * 8),
    "bz2 cut": ("a.osm.bz2", lambda pbf: bz2.compress(HEAD + NODES + ROAD + b"</osm>")[:-20]),
    "xml cut": ("a.osm", lambda pbf: HEAD + NODES + ROAD),
    "xml cut in a word": ("a.osm", lambda pbf: HEAD + NODES[:5000]),
    "xml of one line": ("a.osm", lambda pbf: b"\n"),
    "xml with entities": ("a.osm", lambda pbf: BOMB + b"<osm>&b;</osm>"),
    "xml that is not utf-8": ("a.osm", lambda pbf: HEAD + b'<node id="1" lon="1" lat="1" user="\xff\xfe"/></osm>'),
    "pbf cut in its head": ("a.osm.pbf", lambda pbf: pbf[:3]),
    "pbf cut in its first block": ("a.osm.pbf", lambda pbf: pbf[:60]),
    "pbf cut near its end": ("a.osm.pbf", lambda pbf: pbf[:-5]),
    "pbf with noise": ("a.osm.pbf", lambda pbf: pbf[:200] + shuffled(pbf)),
    "pbf of zeros": ("a.osm.pbf", lambda pbf: bytes(10_000)),
    "pbf with a huge block": ("a.osm.pbf", lambda pbf: b"\xff\xff\xff\xff" + pbf),
    "nodes and no road": ("a.osm", lambda pbf: HEAD + NODES + b"</osm>"),
    "a road without its nodes": ("a.osm", lambda pbf: HEAD + ROAD + b"</osm>"),
    "a road with one of its nodes": ("a.osm", lambda pbf: HEAD + place("7.4", "43.7") + ROAD + b"</osm>"),
    "a road of no length": (
        "a.osm",
        lambda pbf: HEAD + place("7.4", "43.7") + place("7.4", "43.7", 2) + ROAD + b"</osm>",
    ),
    "a road beyond the pole": (
        "a.osm",
        lambda pbf: HEAD + place("7.4", "95") + place("7.5", "95", 2) + ROAD + b"</osm>",
    ),
    "a road around the world": (
        "a.osm",
        lambda pbf: HEAD + place("-179", "0") + place("179", "1", 2) + ROAD + b"</osm>",
    ),
    "a road at nan": ("a.osm", lambda pbf: HEAD + place("NaN", "43") + place("7.5", "43", 2) + ROAD + b"</osm>"),
    "a road at infinity": ("a.osm", lambda pbf: HEAD + place("1e999", "43") + place("7", "43", 2) + ROAD + b"</osm>"),
    "a footpath only": ("a.osm", lambda pbf: HEAD + NODES + ROAD.replace(b"residential", b"footway") + b"</osm>"),
    "a way that is only a tag": ("a.osm", lambda pbf: HEAD + b'<way id="1"><tag k="highway" v="primary"/></way></osm>'),
    "ids that are no numbers": ("a.osm", lambda pbf: HEAD + NODES + ROAD.replace(b'ref="2"', b'ref="two"') + b"</osm>"),
}


def record() -> tuple[Any, ...]:
    rows = list(RoadNetwork.objects.order_by("slug").values_list("id", "slug", "digest", "active", "imported_at"))
    files = {path.name: path.stat().st_mtime_ns for path in settings.HANSOM_MAP_DIR.iterdir()}
    return rows, RoadEdge.objects.count(), MapFeature.objects.count(), StoppingPlace.objects.count(), files


@pytest.mark.parametrize("case", CASES)
def test_an_extract_that_is_none_is_said_and_changes_nothing(
    case: str, city: Network, city_extract: Path, tmp_path: Path
) -> None:
    name, make = CASES[case]
    (tmp_path / name).write_bytes(make(city_extract.read_bytes()))
    before = record()
    with pytest.raises(CommandError) as said:
        call_command("import_city", str(tmp_path / name), slug="small", verbosity=0)
    message = str(said.value)
    assert message.startswith("cannot import: ")
    assert "\n" not in message
    assert len(message) < 300
    assert record() == before
    assert selectors.network(fresh=True).digest == city.digest


def test_directories_devices_and_missing_files_are_said(city: Network, tmp_path: Path) -> None:
    (tmp_path / "folder.osm.pbf").mkdir()
    before = record()
    for path in (tmp_path / "folder.osm.pbf", tmp_path / "no.osm.pbf", Path("/dev/null"), Path("/dev/zero"), Path(".")):
        with pytest.raises(CommandError, match="no such file"):
            call_command("import_city", str(path), verbosity=0)
    assert record() == before


def test_a_person_at_the_shell_sees_one_line_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "photo.osm.pbf"
    path.write_bytes(PNG)
    command = [sys.executable, str(ROOT / "manage.py"), "import_city", str(path), "--skip-checks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "cannot import: photo.osm.pbf is truncated or not an OpenStreetMap extract" in done.stderr


def test_a_speed_that_would_take_the_map_away_is_refused(osm_file: Callable[..., Path]) -> None:
    """The router counts up to an hour an edge; a road of ten minutes at a twentieth of its speed is beyond it."""
    path = osm_file({1: (0, 0), 2: (0, 90)}, {7: ((1, 2), {"highway": "residential", "maxspeed": "50"})})
    call_command("import_city", str(path), slug="long", verbosity=0)
    later = timezone.now() + timedelta(hours=1)
    for named in ({"ways": {7: 0.05}}, {"edges": {0: 0.05}}):
        with pytest.raises(Refusal) as refused:
            services.set_speed_factors(**named, expires_at=later, source="test")
        assert (refused.value.code, refused.value.field) == ("factor_too_low", next(iter(named)))
    assert SpeedFactor.objects.count() == 0
    assert selectors.network(fresh=True).slug == "long"
    services.set_speed_factors(ways={7: 0.5}, expires_at=later, source="test")
    assert selectors.network(fresh=True).slug == "long"
    selectors.forget()
