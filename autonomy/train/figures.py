"""Figures with what is known of their chance error."""

from math import inf, sqrt

from scipy.stats import chi2

Z_95 = 1.959963984540054


def share(hits: int, count: int) -> dict[str, float | int]:
    """A part with its 95 % interval (Wilson 1927). Raises ValueError unless 0 <= hits <= count."""
    if not 0 <= hits <= count:
        raise ValueError(f"hits: {hits} is not within 0 and {count}")
    if count == 0:
        return {"value": 0.0, "low": 0.0, "high": 1.0, "n": 0}
    part, square = hits / count, Z_95 * Z_95
    middle = (part + square / (2 * count)) / (1 + square / count)
    half = Z_95 * sqrt(part * (1 - part) / count + square / (4 * count * count)) / (1 + square / count)
    return {"value": part, "low": max(0.0, middle - half), "high": min(1.0, middle + half), "n": count}


def rate(events: int, exposure: float) -> dict[str, float | int]:
    """Events a unit of exposure with the exact 95 % interval of a Poisson count (Garwood 1936); n: the events."""
    if events < 0 or exposure < 0:
        raise ValueError(f"events, exposure: {events}, {exposure} must be 0 or more")
    if exposure == 0:
        return {"value": 0.0, "low": 0.0, "high": inf, "n": events}
    low = float(chi2.ppf(0.025, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(0.975, 2 * events + 2)) / 2
    return {"value": events / exposure, "low": low / exposure, "high": high / exposure, "n": events}


def mean(values: list[float]) -> dict[str, float | int]:
    """Mean with the 95 % interval of the normal approximation."""
    n = len(values)
    if n == 0:
        return {"value": 0.0, "n": 0}
    middle = sum(values) / n
    spread = sqrt(sum((value - middle) ** 2 for value in values) / (n - 1)) / sqrt(n) if n > 1 else 0.0
    return {"value": middle, "low": middle - Z_95 * spread, "high": middle + Z_95 * spread, "n": n}
