"""Buildings, water and parks as rings in metres: what lies beside the roads, for whoever draws them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from geofence.roads.domain.osm.extract import Area
from geofence.roads.domain.projection import LocalProjection

HOLE = 0
KINDS = {"water": 1, "park": 2, "building": 3}


def rings(areas: Sequence[Area], projection: LocalProjection) -> dict[str, npt.NDArray[np.generic]]:
    """R rings: `area_kind` u1[R], `area_offset` i4[R + 1], `area_xy` f4[P, 2] in the plane of the projection.

    Big areas come first, so that what is drawn later lies on top; the holes of water and parks follow them as rings of
    kind `HOLE`. Courtyards of buildings are left out.
    """
    found: list[tuple[int, npt.NDArray[np.float64]]] = []
    shapes = [(KINDS[area.kind], shapely.from_wkb(bytes.fromhex(area.wkb))) for area in areas]
    for kind, shape in sorted(shapes, key=lambda item: (item[0] == KINDS["building"], -item[1].area)):
        for part in shapely.get_parts(shape):
            found.append((kind, np.asarray(part.exterior.coords)[:-1]))
            if kind != KINDS["building"]:
                found.extend((HOLE, np.asarray(hole.coords)[:-1]) for hole in part.interiors)
    lonlat = np.concatenate([ring for _, ring in found]) if found else np.zeros((0, 2))
    x, y = projection.forward(lonlat[:, 0], lonlat[:, 1])
    return {
        "area_kind": np.array([kind for kind, _ in found], dtype=np.uint8),
        "area_offset": np.cumsum([0, *(len(ring) for _, ring in found)]).astype(np.int32),
        "area_xy": np.column_stack([x, y]).astype(np.float32),
    }
