"""Buildings, water and parks in the map file."""

import numpy as np
import shapely

from autonomy.sim.roads import AREA_BUILDING, AREA_HOLE, AREA_WATER
from geofence.roads.domain.ground import rings
from geofence.roads.domain.osm.extract import Area
from geofence.roads.domain.projection import LocalProjection

HERE = LocalProjection(11.0, 48.0)


def area(kind: str, *parts: shapely.Geometry) -> Area:
    return Area(kind, "", shapely.to_wkb(shapely.union_all(parts), hex=True))


def square(size_deg: float, at: float = 0.0) -> shapely.Polygon:
    return shapely.box(11.0 + at, 48.0, 11.0 + at + size_deg, 48.0 + size_deg)


def test_water_keeps_its_islands_and_buildings_lose_their_courtyards() -> None:
    holed = shapely.difference(square(0.01), shapely.box(11.002, 48.002, 11.004, 48.004))
    found = rings([area("building", holed), area("water", holed)], HERE)
    assert found["area_kind"].tolist() == [AREA_WATER, AREA_HOLE, AREA_BUILDING]
    assert found["area_offset"].tolist() == [0, 4, 8, 12]


def test_rings_are_metres_from_the_maps_centre() -> None:
    found = rings([area("park", square(0.001))], HERE)
    low, high = found["area_xy"].min(axis=0), found["area_xy"].max(axis=0)
    assert np.allclose(low, 0.0, atol=0.01)
    assert np.allclose(high, [74.6, 111.2], atol=0.1)


def test_small_areas_come_after_the_big_ones_that_they_lie_in() -> None:
    found = rings([area("water", square(0.001)), area("park", square(0.01))], HERE)
    assert found["area_kind"].tolist() == [2, 1]


def test_a_map_without_areas_has_none() -> None:
    found = rings([], HERE)
    assert found["area_offset"].tolist() == [0]
    assert found["area_xy"].shape == (0, 2)
