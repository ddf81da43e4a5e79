"""One zone as the compiled domain sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geofence.zones.domain.hours import WeeklyHours
from geofence.zones.domain.kinds import ZoneKind

F8 = NDArray[np.float64]
Bool = NDArray[np.bool_]

#: Unix seconds, a moment with a time zone, or an array of unix seconds with one value a point.
At = float | datetime | F8

# Times outside 1970 to 2096 are mistakes; a mistaken time is an unknown time.
LATEST_S: Final = 4e9


@dataclass(frozen=True)
class Area:
    """A published zone: where (`polygon`, WGS84 degrees), and when (`hours`, None for always)."""

    zone_id: UUID
    kind: ZoneKind
    name: str
    polygon: Polygon
    hours: WeeklyHours | None = None
    max_speed_mps: float | None = None


def unix_s(at: At) -> float | F8:
    """Return `at` in unix seconds, NaN where it is not a possible time. Raises ValueError for a naive datetime."""
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        at = at.timestamp()
    times = np.asarray(at, dtype=np.float64)
    known = np.where((times >= 0) & (times <= LATEST_S), times, np.nan)
    return known if known.ndim else float(known)


def active(area: Area, times_s: F8, *, if_unknown: bool) -> Bool:
    """Return for each time whether `area` applies; `if_unknown` where the time is NaN and the area has hours."""
    if area.hours is None:
        return np.ones(times_s.shape, dtype=np.bool_)
    return np.where(np.isnan(times_s), if_unknown, area.hours.active(times_s))


def active_throughout(area: Area, since_s: float, until_s: float) -> bool:
    """Tell whether `area` applies at every moment from `since_s` to `until_s`; False where a time is NaN."""
    if area.hours is None:
        return True
    if np.isnan(since_s + until_s):
        return False
    return any(start <= since_s and end > until_s for start, end in area.hours.intervals(since_s, until_s))


def active_sometime(area: Area, since_s: float, until_s: float) -> bool:
    """Tell whether `area` applies at any moment from `since_s` to `until_s`; True where a time is NaN."""
    if area.hours is None or np.isnan(since_s + until_s):
        return True
    return bool(area.hours.intervals(since_s, until_s))
