"""The road graph as a file: numpy's .npz, never a pickle. Cars read the same file."""

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geofence.roads.domain.graph import DTYPES, RoadGraph
from geofence.roads.domain.ground import rings
from geofence.roads.domain.osm.extract import Area
from geofence.roads.domain.projection import LocalProjection


class MapFileError(ValueError):
    """The bytes are no map file, or not the map that they say they are."""


def to_bytes(graph: RoadGraph, areas: Sequence[Area] = ()) -> bytes:
    """Every array of the graph by its field name, `lon0` and `lat0`, and as JSON in uint8 `edge_name` and `digest`.

    With areas also `area_kind`, `area_offset` and `area_xy`, for cameras in the simulator: see `ground.rings`. They are
    no part of the digest, because no route depends on them.
    """
    buffer = io.BytesIO()
    arrays: dict[str, npt.NDArray[np.generic]] = dict(graph.arrays())
    arrays |= {
        "lon0": np.array(graph.projection.lon0),
        "lat0": np.array(graph.projection.lat0),
        "edge_name": _json(list(graph.edge_name)),
        "digest": _json(graph.digest),
    }
    if areas:
        arrays |= rings(areas, graph.projection)
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # the stub mixes up the keyword arguments
    return buffer.getvalue()


def from_bytes(data: bytes) -> RoadGraph:
    """The graph in a map file. Raises MapFileError when it is damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in DTYPES}
            names = tuple(json.loads(archive["edge_name"].tobytes()))
            projection = LocalProjection(float(archive["lon0"]), float(archive["lat0"]))
            digest = json.loads(archive["digest"].tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise MapFileError(f"not a map file: {error}") from error
    graph = RoadGraph(projection=projection, edge_name=names, **arrays)
    if graph.digest != digest:
        raise MapFileError("the map file's contents do not match its digest")
    return graph


def write_atomically(path: Path, data: bytes) -> None:
    """Readers see the old file or the whole new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _json(value: object) -> npt.NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), dtype=np.uint8)
