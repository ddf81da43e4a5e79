"""What a shape would touch if it were published now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry import Polygon

from fleet.console import snapshot
from fleet.missions import selectors as missions
from fleet.missions.selectors import DrawnLeg
from fleet.vehicles import selectors as vehicles
from geofence.roads import selectors as roads
from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.projection import LocalProjection


@dataclass(frozen=True)
class Impact:
    """Ids of what lies inside or crosses; sizes in square kilometres and directed kilometres."""

    area_km2: float
    road_km: float
    vehicles: list[UUID]
    rides: list[UUID]
    missions: list[UUID]


def of(area: Polygon) -> Impact:
    """Measure `area` (WGS84) against the map, the cars, the open rides and the open missions of this moment."""
    shapely.prepare(area)
    network = roads.network_or_none()
    graph = network.graph if network else None
    return Impact(
        area_km2=_area_km2(area, graph),
        road_km=_road_km(area, graph),
        vehicles=[key for key, at in vehicles.last_known_all().items() if shapely.contains_xy(area, at.lon, at.lat)],
        rides=[UUID(key) for key, ride in snapshot.rows("rides").items() if _ends_inside(area, ride)],
        missions=[mission_id for mission_id, legs in missions.open_roads().items() if _crosses(area, legs)],
    )


def _area_km2(area: Polygon, graph: RoadGraph | None) -> float:
    centre = area.centroid
    projection = graph.projection if graph else LocalProjection(centre.x, centre.y)
    metric = shapely.transform(area, lambda lonlat: np.column_stack(projection.forward(lonlat[:, 0], lonlat[:, 1])))
    return round(float(metric.area) / 1e6, 4)


def _road_km(area: Polygon, graph: RoadGraph | None) -> float:
    """Edges count by the share of their geometry's points that lie inside: exact enough for a sentence to a person."""
    if graph is None:
        return 0.0
    inside = shapely.contains_xy(area, graph.geom_lonlat[:, 0], graph.geom_lonlat[:, 1]).astype(np.float64)
    starts, ends = graph.geom_offset[:-1], graph.geom_offset[1:]
    total = np.concatenate([[0.0], np.cumsum(inside)])
    share = (total[ends] - total[starts]) / np.maximum(ends - starts, 1)
    return round(float((share * graph.edge_length_m).sum()) / 1000, 2)


def _ends_inside(area: Polygon, ride: dict[str, Any]) -> bool:
    ends = (ride.get("pickup"), ride.get("dropoff"))
    return any(end and shapely.contains_xy(area, end["lon"], end["lat"]) for end in ends)


def _crosses(area: Polygon, legs: list[DrawnLeg]) -> bool:
    return any(area.intersects(shapely.LineString(leg.lonlat)) for leg in legs if len(leg.lonlat) > 1)
