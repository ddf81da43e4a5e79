"""The domain as the cars' file: written by the platform, read by the car's own reader."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.core.management import call_command

from autonomy.safety.odd import OddStatus, read_odd
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.edges import edge_rules, in_force
from geofence.odd.export import DAYS, odd_file
from geofence.roads.domain.network import Network
from geofence.zones import services
from geofence.zones.domain.geometry import to_geojson
from geofence.zones.domain.kinds import ZoneKind
from tests.geofence.odd.conftest import area, daily

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp()


def halves(network: Network) -> tuple[shapely.Polygon, shapely.Polygon]:
    """All of the city, and its western half."""
    west, south, east, north = network.bbox
    whole = shapely.box(west - 0.01, south - 0.01, east + 0.01, north + 0.01)
    return whole, shapely.box(west - 0.01, south - 0.01, (west + east) / 2, north + 0.01)


def test_the_car_reads_the_platforms_own_mask(city: Network) -> None:
    odd = CompiledOdd(4, "digest", [area(ZoneKind.SERVICE_AREA, halves(city)[1])])
    file = read_odd(odd_file(odd, city.graph, NOON))
    assert (file.version, file.digest, file.map_digest) == (4, "digest", city.graph.digest)
    allowed = edge_rules(odd, city.graph, in_force(odd, NOON, NOON)).allowed
    (part,) = file.slices
    read = [part.left_on(edge, 0.0) == float("inf") for edge in range(city.graph.edge_count)]
    assert read == allowed.tolist()
    assert part.to_s - part.from_s == DAYS * 86_400
    assert 0 < sum(read) < len(read)


def test_of_an_edge_that_is_cut_the_part_inside_is_told(city: Network) -> None:
    graph = city.graph
    odd = CompiledOdd(1, "d", [area(ZoneKind.SERVICE_AREA, halves(city)[1])])
    (part,) = read_odd(odd_file(odd, graph, NOON)).slices
    assert part.cut
    for edge, spans in list(part.cut.items())[:20]:
        line = graph.geom_lonlat[graph.geom_offset[edge] : graph.geom_offset[edge + 1]]
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        for begin, end in spans:
            middle = (begin + end) / 2 / float(graph.edge_length_m[edge]) * along[-1]
            lon, lat = np.interp(middle, along, line[:, 0]), np.interp(middle, along, line[:, 1])
            assert odd.contains(float(lon), float(lat), NOON)


def test_hours_make_slices(city: Network) -> None:
    whole, west = halves(city)
    areas = [area(ZoneKind.SERVICE_AREA, whole), area(ZoneKind.NO_GO, west, hours=daily("08:00", "10:00"))]
    file = read_odd(odd_file(CompiledOdd(1, "d", areas), city.graph, NOON))
    edge = int(np.flatnonzero(~edge_rules(CompiledOdd(1, "d", areas), city.graph, in_force(
        CompiledOdd(1, "d", areas), NOON - 3 * 3600, NOON - 3 * 3600
    )).allowed)[0])  # fmt: skip

    def status(hour: float) -> OddStatus:
        return file.sight(edge, 0.0, [], lambda _: 1.0, NOON + (hour - 12) * 3600).status

    assert [status(hour) for hour in (7.9, 8.1, 9.9, 10.1, 32.1)] == [
        OddStatus.INSIDE, OddStatus.OUTSIDE, OddStatus.OUTSIDE, OddStatus.INSIDE, OddStatus.OUTSIDE,
    ]  # fmt: skip


def test_without_a_service_area_no_edge_is_inside(city: Network) -> None:
    file = read_odd(odd_file(CompiledOdd(0, "", []), city.graph, NOON))
    assert file.sight(0, 1.0, [], lambda _: 1.0, NOON).status is OddStatus.OUTSIDE


@pytest.mark.django_db(transaction=True)
def test_a_published_zone_reaches_the_file_and_so_does_the_command(
    city: Network, tmp_path: Path, settings: object
) -> None:
    settings.HANSOM_MAP_DIR = tmp_path  # type: ignore[attr-defined]
    zone = services.draft(kind=ZoneKind.SERVICE_AREA, name="All", geometry=to_geojson(halves(city)[0]), by="test")
    version = services.publish(zone_ids=[zone.id], by="test")
    file = read_odd((tmp_path / "odd.json").read_bytes())
    assert file.version == version.number
    assert file.sight(0, 1.0, [], lambda _: 1.0, datetime.now(UTC).timestamp()).status is OddStatus.INSIDE
    out = tmp_path / "again.json"
    call_command("export_odd", str(out), verbosity=0)
    assert json.loads(out.read_text())["digest"] == file.digest
