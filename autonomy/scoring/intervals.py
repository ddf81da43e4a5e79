"""Figures with 95 % confidence intervals."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from scipy.stats import chi2

Z = 1.959964


class Figure(TypedDict):
    """`n`: runs, or events for a rate. A figure without data has value None."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def wilson(successes: int, count: int) -> Figure:
    """Share of successes with Wilson's score interval (Wilson 1927). Raises ValueError for counts that do not fit."""
    if not 0 <= successes <= count:
        raise ValueError(f"successes: {successes} is not within 0 and {count}")
    if count == 0:
        return Figure(value=None, low=None, high=None, n=0)
    share, square = successes / count, Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count) * float(np.sqrt(share * (1 - share) / count + square / (4 * count * count)))
    return Figure(value=share, low=max(middle - half, 0.0), high=min(middle + half, 1.0), n=count)


def poisson_rate(events: int, km: float, per_km: float = 1000.0) -> Figure:
    """Events per `per_km` with the exact interval of a Poisson count (Garwood 1936). Raises ValueError below 0."""
    if events < 0 or not km >= 0:
        raise ValueError(f"events, km: {events} in {km} km is no rate")
    if km == 0:
        return Figure(value=None, low=None, high=None, n=0)
    scale = per_km / km
    low = float(chi2.ppf(0.025, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(0.975, 2 * events + 2)) / 2
    return Figure(value=events * scale, low=low * scale, high=high * scale, n=events)


def mean(values: Sequence[float]) -> Figure:
    """Mean with a normal interval from the standard error; one value has no interval."""
    if not values:
        return Figure(value=None, low=None, high=None, n=0)
    array = np.array(values, dtype=float)
    value = float(array.mean())
    if len(array) == 1:
        return Figure(value=value, low=None, high=None, n=1)
    half = Z * float(array.std(ddof=1)) / float(np.sqrt(len(array)))
    return Figure(value=value, low=value - half, high=value + half, n=len(array))
