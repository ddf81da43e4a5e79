"""The map as a file."""

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geofence.roads.domain.graph import DTYPES, RoadGraph
from geofence.roads.domain.mapfile import MapFileError, from_bytes, to_bytes, write_atomically


def test_a_map_survives_the_file(demo_graph: RoadGraph) -> None:
    again = from_bytes(to_bytes(demo_graph))
    assert again.digest == demo_graph.digest
    assert again.edge_name == demo_graph.edge_name
    for name, array in demo_graph.arrays():
        assert (getattr(again, name) == array).all()
        assert getattr(again, name).dtype == array.dtype


def test_the_file_holds_plain_arrays_that_cars_can_read(demo_graph: RoadGraph) -> None:
    with np.load(io.BytesIO(to_bytes(demo_graph)), allow_pickle=False) as archive:
        assert set(archive.files) == {*DTYPES, "lon0", "lat0", "digest", "edge_name"}
        assert json.loads(archive["digest"].tobytes()) == demo_graph.digest
        assert tuple(json.loads(archive["edge_name"].tobytes())) == demo_graph.edge_name
        assert float(archive["lon0"]) == demo_graph.projection.lon0


def test_the_car_reads_it(demo_graph: RoadGraph, tmp_path: Path) -> None:
    from autonomy.sim.roads import RoadMap

    write_atomically(tmp_path / "map.npz", to_bytes(demo_graph))
    car = RoadMap.load(tmp_path / "map.npz")
    assert car.digest == demo_graph.digest
    assert car.edge_count == demo_graph.edge_count


def test_a_tampered_or_damaged_file_is_refused(demo_graph: RoadGraph) -> None:
    data = to_bytes(demo_graph)
    with np.load(io.BytesIO(data)) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["edge_speed_mps"] = arrays["edge_speed_mps"] + 1
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    for bad in (buffer.getvalue(), data[:-50], b"", b"PK", pickle.dumps({"a": 1})):
        with pytest.raises(MapFileError):
            from_bytes(bad)


def test_a_pickle_inside_is_never_loaded(demo_graph: RoadGraph, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "sprung"), "w"))

    with np.load(io.BytesIO(to_bytes(demo_graph))) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["edge_from"] = np.array([Trap()], dtype=object)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **arrays)
    with pytest.raises(MapFileError):
        from_bytes(buffer.getvalue())
    assert not (tmp_path / "sprung").exists()


def test_arrays_cannot_be_written_to(demo_graph: RoadGraph) -> None:
    with pytest.raises(ValueError, match="read-only"):
        demo_graph.edge_speed_mps[0] = 99.0


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "map.npz"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.replace", lambda *args: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["map.npz"]
