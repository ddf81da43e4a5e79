"""Weekly hours: the wall clock of the zone's own place, over midnight and over the change of clocks."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofence.base.errors import Refusal
from geofence.zones.domain.hours import DAYS, merge, parse_hours

PARIS = ZoneInfo("Europe/Paris")


def hours(*windows: tuple[list[str], str, str], tz: str = "Europe/Paris") -> Any:
    return parse_hours(
        {"tz": tz, "windows": [{"days": d, "from": a, "to": b} for d, a, b in windows]}, field="params.hours"
    )


def open_at(weekly: Any, *moments: datetime) -> list[bool]:
    return list(weekly.active(np.array([m.timestamp() for m in moments])))


def paris(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def test_a_window_holds_from_its_start_to_before_its_end_on_its_days() -> None:
    school = hours((["mon", "tue"], "07:30", "09:00"))  # 1 June 2026 is a Monday
    moments = [paris(1, 7, 29), paris(1, 7, 30), paris(1, 8, 59), paris(1, 9), paris(2, 8), paris(3, 8)]
    assert open_at(school, *moments) == [False, True, True, False, True, False]


def test_a_window_over_midnight_belongs_to_the_day_of_its_start() -> None:
    night = hours((["fri"], "22:00", "02:00"))
    moments = [paris(5, 21, 59), paris(5, 22), paris(6, 1, 59), paris(6, 2), paris(6, 23)]
    assert open_at(night, *moments) == [False, True, True, False, False]


def test_all_day_is_from_midnight_to_24() -> None:
    sunday = hours((["sun"], "00:00", "24:00"))
    moments = [paris(6, 23, 59), paris(7, 0), paris(7, 23, 59), paris(8, 0)]
    assert open_at(sunday, *moments) == [False, True, True, False]


def test_the_wall_clock_counts_on_both_sides_of_the_change_to_winter_time() -> None:
    early = hours((list(DAYS), "07:00", "08:00"))
    assert open_at(early, datetime(2026, 10, 24, 5, 30, tzinfo=UTC), datetime(2026, 10, 25, 5, 30, tzinfo=UTC)) == [
        True,
        False,
    ]
    assert open_at(early, datetime(2026, 10, 25, 6, 30, tzinfo=UTC)) == [True]


def test_unknown_times_are_not_open() -> None:
    always = hours((list(DAYS), "00:00", "24:00"))
    assert list(always.active(np.array([np.nan, np.inf, paris(1, 1).timestamp()]))) == [False, False, True]
    assert list(always.active(np.array([np.nan]))) == [False]


BAD: dict[str, tuple[Any, str]] = {
    "no object": ([], "params.hours"),
    "unknown member": ({"tz": "UTC", "windows": [], "x": 1}, "params.hours"),
    "unknown time zone": ({"tz": "../etc/passwd", "windows": [{}]}, "params.hours.tz"),
    "time zone is a list": ({"tz": [], "windows": [{}]}, "params.hours.tz"),
    "no windows": ({"tz": "UTC", "windows": []}, "params.hours.windows"),
    "51 windows": ({"tz": "UTC", "windows": [{}] * 51}, "params.hours.windows"),
    "window is text": ({"tz": "UTC", "windows": ["x"]}, "params.hours.windows[0]"),
    "no days": ({"tz": "UTC", "windows": [{"days": [], "from": "1", "to": "2"}]}, "params.hours.windows[0].days"),
    "unhashable day": (
        {"tz": "UTC", "windows": [{"days": [[]], "from": "1", "to": "2"}]},
        "params.hours.windows[0].days",
    ),
    "25 o'clock": (
        {"tz": "UTC", "windows": [{"days": ["mon"], "from": "25:00", "to": "02:00"}]},
        "params.hours.windows[0].from",
    ),
    "starts at 24": (
        {"tz": "UTC", "windows": [{"days": ["mon"], "from": "24:00", "to": "02:00"}]},
        "params.hours.windows[0].from",
    ),
    "number": ({"tz": "UTC", "windows": [{"days": ["mon"], "from": "01:00", "to": 2}]}, "params.hours.windows[0].to"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_hours_are_refused_at_the_member(name: str) -> None:
    value, field = BAD[name]
    with pytest.raises(Refusal) as refused:
        parse_hours(value, field="params.hours")
    assert refused.value.field == field


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


windows = st.lists(
    st.tuples(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4), st.integers(0, 1439), st.integers(0, 1440)),
    min_size=1,
    max_size=4,
)
moments = st.lists(st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 5)), min_size=1, max_size=20)


@given(windows, moments)
def test_active_agrees_with_the_definition_read_off_the_wall_clock(
    drawn: list[tuple[list[str], int, int]], at: list[datetime]
) -> None:
    weekly = hours(*[(d, clock(a), clock(b)) for d, a, b in drawn], tz="Asia/Tokyo")  # no change of clocks there
    tokyo = ZoneInfo("Asia/Tokyo")

    def by_definition(moment: datetime) -> bool:
        local = moment.astimezone(tokyo)
        minute = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 6e7
        day = local.weekday()
        for days, start, end in drawn:
            last = end if end > start else end + 1440
            today = DAYS[day] in days and start <= minute < last
            if today or (DAYS[day - 1] in days and start <= minute + 1440 < last):
                return True
        return False

    aware = [m.replace(tzinfo=UTC) for m in at]
    assert open_at(weekly, *aware) == [by_definition(m) for m in aware]


def test_intervals_that_touch_are_joined() -> None:
    assert merge([(3, 4), (0, 1), (1, 2), (5, 6), (5.5, 5.7)]) == ((0, 2), (3, 4), (5, 6))
