"""What riders want and when, and what came of it."""

import csv
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np

# Wishes in each hour of a working day, relative to the mean hour. An assumption, not a count: quiet before dawn, a peak
# in the morning and a longer one in the evening.
# fmt: off
DAY_PROFILE = (
    0.62, 0.42, 0.30, 0.22, 0.22, 0.36, 0.72, 1.12, 1.32, 1.20, 1.06, 1.04,
    1.08, 1.08, 1.12, 1.14, 1.12, 1.32, 1.58, 1.60, 1.46, 1.38, 1.30, 1.02,
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Trip:
    """One wish: `at_s` seconds of the cars' world after the start; None: anywhere."""

    at_s: float
    pickup: tuple[float, float] | None = None
    dropoff: tuple[float, float] | None = None
    seats: int = 1
    wheelchair: bool = False


SEATS = (1, 1, 1, 2, 2, 3)


def steady(per_minute: float, rng: random.Random) -> Iterator[Trip]:
    """Wishes at random moments, `per_minute` of them on the average (a Poisson process), without end."""
    at_s = 0.0
    while True:
        yield Trip(at_s, seats=rng.choice(SEATS))
        at_s += rng.expovariate(per_minute / 60.0)


def burst(rides: int, within_s: float, rng: random.Random) -> list[Trip]:
    """`rides` wishes at random moments of the first `within_s` seconds, so that a demo's cars have work at once."""
    return [Trip(at_s, seats=rng.choice(SEATS)) for at_s in sorted(rng.uniform(0.0, within_s) for _ in range(rides))]


def over_the_day(per_minute: float, rng: random.Random, start_hour: float = 6.0) -> Iterator[Trip]:
    """Wishes from `start_hour` on, `per_minute` in the mean hour, more at the peaks and fewer at night, without end."""
    peak = max(DAY_PROFILE)
    at_s = 0.0
    while True:
        at_s += rng.expovariate(per_minute * peak / 60.0)
        hour = int(start_hour + at_s / 3600) % 24
        if rng.random() < DAY_PROFILE[hour] / peak:  # thinning
            yield Trip(at_s, seats=rng.choice(SEATS))


COLUMNS = ("at_s", "pickup_lon", "pickup_lat", "dropoff_lon", "dropoff_lat")


def from_csv(lines: Iterable[str]) -> Iterator[Trip]:
    """Wishes of a file with the columns at_s, pickup_lon, pickup_lat, dropoff_lon, dropoff_lat[, seats, wheelchair].

    Raises ValueError naming line and fault.
    """
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ValueError(f"the first line names the columns; missing: {', '.join(missing)}")
    for number, row in enumerate(reader, start=2):
        try:
            at_s, a, b, c, d = (float(row[name]) for name in COLUMNS)
            seats = int(row.get("seats") or 1)
        except (TypeError, ValueError) as error:
            raise ValueError(f"line {number}: {error}") from error
        if not (0 <= at_s < 1e9 and all(abs(x) <= 180 for x in (a, c)) and all(abs(y) <= 90 for y in (b, d))):
            raise ValueError(f"line {number}: a time from 0 and degrees are expected")
        yield Trip(at_s, (a, b), (c, d), seats, (row.get("wheelchair") or "").strip().lower() in ("1", "true", "yes"))


@dataclass
class Outcome:
    """One wish's end; times in seconds of the cars' world."""

    ride_id: str | None = None
    state: str = "not_booked"
    reason: str = ""
    wait_s: float | None = None  # from booking to the car's arrival
    ride_s: float | None = None  # from departure to the end


@dataclass
class Tally:
    """What happened to all of them."""

    outcomes: list[Outcome] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    retries: int = 0

    def summary(self) -> dict[str, Any]:
        """Counts by end state, waits, refusals by code."""
        waits = [o.wait_s for o in self.outcomes if o.wait_s is not None]
        rides = [o.ride_s for o in self.outcomes if o.ride_s is not None]
        return {
            "wished": len(self.outcomes),
            "booked": sum(o.ride_id is not None for o in self.outcomes),
            "ends": dict(Counter(o.state for o in self.outcomes)),
            "end_reasons": dict(Counter(o.reason for o in self.outcomes if o.reason)),
            "wait_mean_s": round(fmean(waits), 1) if waits else None,
            "wait_p95_s": round(_percentile(waits, 95), 1) if waits else None,
            "ride_mean_s": round(fmean(rides), 1) if rides else None,
            "refusals": dict(self.refusals),
            "http_retries": self.retries,
        }

    @property
    def unfinished(self) -> list[Outcome]:
        """Rides that were booked and did not end."""
        return [o for o in self.outcomes if o.ride_id is not None and o.state == "unfinished"]


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(np.asarray(values), share))
