"""Extracts that can't be used: said clearly, and the active network stays as it was."""

import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from geofence.roads import selectors, services
from geofence.roads.models import MapFeature, RoadEdge, RoadNetwork

pytestmark = pytest.mark.django_db


def _state() -> tuple[Any, ...]:
    rows = list(RoadNetwork.objects.order_by("slug").values_list("id", "slug", "digest", "active"))
    files = sorted(path.name for path in settings.HANSOM_MAP_DIR.iterdir())
    return rows, RoadEdge.objects.count(), MapFeature.objects.count(), files


def bad_files(demo: bytes) -> dict[str, tuple[str, bytes, str]]:
    xml = b'<?xml version="1.0"?><osm version="0.6"><node id="1" lon="1" lat="1"/>'
    return {
        "empty pbf": ("a.osm.pbf", b"", "is empty"),
        "empty xml": ("a.osm", b"", "is empty"),
        "text as pbf": ("a.osm.pbf", b"hello, this is no map " * 50, "not an OpenStreetMap extract"),
        "text as osm": ("a.osm", b"hello, this is no map", "not an OpenStreetMap extract"),
        "html": ("a.osm", b"<html><body>404 Not Found</body></html>", "not an OpenStreetMap extract"),
        "text as gz": ("a.osm.gz", b"hello", "not an OpenStreetMap extract"),
        "truncated pbf": ("a.osm.pbf", demo[: len(demo) * 2 // 3], "truncated"),
        "truncated xml": ("a.osm", xml, "truncated"),
        "truncated gz": ("a.osm.gz", gzip.compress(xml * 500)[:200], "truncated"),
        "no roads": ("a.osm", xml + b"</osm>", "no road that a car may use"),
        "other suffix": ("a.zip", b"PK", "must end in"),
    }


@pytest.mark.parametrize("case", list(bad_files(b"")))
def test_a_bad_extract_changes_nothing(case: Any, demo_file: Path, tmp_path: Path) -> None:
    services.import_extract(demo_file, slug="demo", name="Demo")
    before = _state()
    name, content, reason = bad_files(demo_file.read_bytes())[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_city", str(tmp_path / name), slug="demo", verbosity=0)
    assert _state() == before
    assert selectors.network(fresh=True).slug == "demo"


def test_a_missing_file_and_a_directory_are_said(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.osm.pbf", tmp_path):
        with pytest.raises(CommandError, match="no such file"):
            call_command("import_city", str(path), verbosity=0)


def test_a_failing_dependant_takes_the_import_back(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services.import_extract(demo_file, slug="demo", name="Demo")
    before = _state()[:3]

    def fail(network: selectors.Network) -> None:
        raise RuntimeError("stops could not be rebuilt")

    monkeypatch.setattr(services, "_callbacks", [fail])
    with pytest.raises(RuntimeError, match="stops"):
        services.import_extract(demo_file, slug="other", name="Other")
    assert _state()[:3] == before


def test_a_bad_slug_is_refused(demo_file: Path) -> None:
    with pytest.raises(CommandError, match="--slug"):
        call_command("import_city", str(demo_file), slug="no spaces please", verbosity=0)


def test_the_report_is_printed(demo_file: Path) -> None:
    out = StringIO()
    call_command("import_city", str(demo_file), name="Doggerhaven", stdout=out)
    text = out.getvalue()
    assert text.startswith("Doggerhaven (demo): ")
    assert "Dropped as not connected: 0 edges" in text


def test_generate_city_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="junctions: 3 is not between"):
        call_command("generate_city", str(tmp_path / "a.osm.pbf"), junctions=3, verbosity=0)
    with pytest.raises(CommandError, match="must end in"):
        call_command("generate_city", str(tmp_path / "a.txt"), junctions=100, verbosity=0)
    assert list(tmp_path.iterdir()) == []
