"""Weekly hours: at which moments a zone applies.

JSON form: `{"tz": "Europe/Paris", "windows": [{"days": ["mon", "tue"], "from": "07:30", "to": "09:00"}]}`.
Times are wall-clock times of the zone's own place. A window whose end is not after its start ends on the next day.
A moment belongs to a window from its start, included, to its end, excluded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from geofence.base.errors import Refusal

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_WINDOWS: Final = 50
MINUTES_A_DAY: Final = 24 * 60
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00)")
Interval = tuple[float, float]


@dataclass(frozen=True)
class Window:
    """A time of day on some days of the week; minutes after local midnight, `end_min` may pass the next midnight."""

    days: frozenset[int]
    start_min: int
    end_min: int


@dataclass(frozen=True)
class WeeklyHours:
    """Windows that repeat every week in one IANA time zone."""

    tz: str
    windows: tuple[Window, ...]

    def intervals(self, since_s: float, until_s: float) -> tuple[Interval, ...]:
        """Return the open intervals (unix seconds) that touch [since_s, until_s], merged and in order."""
        zone = ZoneInfo(self.tz)
        day = datetime.fromtimestamp(since_s, zone).date() - timedelta(days=2)
        last = datetime.fromtimestamp(until_s, zone).date() + timedelta(days=1)
        found: list[Interval] = []
        while day <= last:
            midnight = datetime.combine(day, time.min)
            for window in self.windows:
                if day.weekday() in window.days:
                    found.append((_unix(midnight, window.start_min, zone), _unix(midnight, window.end_min, zone)))
            day += timedelta(days=1)
        return merge(i for i in found if i[1] > since_s and i[0] <= until_s and i[1] > i[0])

    def active(self, times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return for each unix time whether the hours are open; False where the time is not finite."""
        known = np.isfinite(times_s)
        if not known.any():
            return np.zeros(times_s.shape, dtype=np.bool_)
        open_ = self.intervals(float(times_s[known].min()), float(times_s[known].max()))
        edges = np.array(open_, dtype=np.float64).reshape(-1)
        # Between an even and an odd edge the hours are open, so an odd count of passed edges means open.
        passed = np.searchsorted(edges, np.where(known, times_s, -np.inf), side="right")
        return np.asarray(passed % 2 == 1)


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return `intervals` in order, with those that overlap or touch joined."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def parse_hours(value: object, *, field: str) -> WeeklyHours:
    """Return the hours that the JSON `value` describes; raises `Refusal` naming the member at fault."""
    if not isinstance(value, dict) or set(value) != {"tz", "windows"}:
        raise Refusal("hours_invalid", "Hours have exactly the members tz and windows.", field=field)
    tz, windows = value["tz"], value["windows"]
    if not isinstance(tz, str) or tz not in _time_zones():
        raise Refusal("hours_tz_unknown", "An IANA time zone is expected, such as Europe/Paris.", field=f"{field}.tz")
    if not isinstance(windows, list | tuple) or not 1 <= len(windows) <= MAX_WINDOWS:
        raise Refusal("hours_windows", f"1 to {MAX_WINDOWS} windows are expected.", field=f"{field}.windows")
    return WeeklyHours(tz, tuple(_window(w, f"{field}.windows[{i}]") for i, w in enumerate(windows)))


def _window(value: object, field: str) -> Window:
    if not isinstance(value, dict) or set(value) != {"days", "from", "to"}:
        raise Refusal("hours_window_invalid", "A window has exactly the members days, from and to.", field=field)
    days = value["days"]
    if not isinstance(days, list | tuple) or not days or not all(isinstance(d, str) and d in DAYS for d in days):
        raise Refusal("hours_days", f"Days are a list of {', '.join(DAYS)}.", field=f"{field}.days")
    start = _minutes(value["from"], f"{field}.from")
    end = _minutes(value["to"], f"{field}.to")
    if start == MINUTES_A_DAY:
        raise Refusal("hours_clock", "A window starts before 24:00.", field=f"{field}.from")
    return Window(frozenset(DAYS.index(d) for d in days), start, end if end > start else end + MINUTES_A_DAY)


def _minutes(value: object, field: str) -> int:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refusal("hours_clock", "A time is HH:MM from 00:00 to 24:00.", field=field)
    hours, minutes = (match[1], match[2]) if match[1] else (match[3], match[4])
    return int(hours) * 60 + int(minutes)


def _unix(midnight: datetime, minutes: int, zone: ZoneInfo) -> float:
    # Wall-clock arithmetic first, zone afterwards: 07:30 stays 07:30 on the day the clocks change.
    return (midnight + timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(UTC).timestamp()


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
