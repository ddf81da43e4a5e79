"""Areas drawn in a few words."""

from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from geofence.base.ids import new_id
from geofence.odd.domain.area import Area
from geofence.zones.domain.hours import WeeklyHours, parse_hours
from geofence.zones.domain.kinds import ZoneKind


def area(
    kind: ZoneKind, polygon: Polygon, *, name: str = "", hours: Any = None, max_speed_mps: float | None = None
) -> Area:
    weekly: WeeklyHours | None = parse_hours(hours, field="hours") if hours else None
    return Area(new_id(), kind, name or kind.value, polygon, weekly, max_speed_mps)


def daily(start: str, end: str) -> dict[str, Any]:
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return {"tz": "UTC", "windows": [{"days": days, "from": start, "to": end}]}


def star(centre: tuple[float, float], radii: list[float]) -> Polygon:
    """A polygon around `centre`, one corner for each radius; always valid."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    r = np.array(radii)
    return Polygon(np.column_stack([centre[0] + r * np.cos(angles), centre[1] + r * np.sin(angles)]))


def snapped(polygon: Polygon, step: float = 1 / 1024) -> Polygon | None:
    """The polygon on a binary grid, where every arithmetic is exact; None where that makes it invalid."""
    moved = Polygon(np.round(shapely.get_coordinates(polygon) / step) * step)
    return moved if moved.is_valid and moved.area > 0 else None
