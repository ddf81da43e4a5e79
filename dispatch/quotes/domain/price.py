"""The upfront price of a ride, in whole minor units."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Price:
    """`parts` are (code, minor units) and add up to `amount_minor`."""

    amount_minor: int
    currency: str
    parts: tuple[tuple[str, int], ...]


def _share(quantity: float, unit: int, rate_minor: int) -> int:
    exact = Decimal(repr(quantity)) * rate_minor / unit
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def price(*, distance_m: float, duration_s: float, tariff: Mapping[str, Any]) -> Price:
    """Base, distance and time, each rounded half up, and what is missing to the minimum.

    Raises ValueError for a distance or duration that is negative or not finite.
    """
    for name, value in (("distance_m", distance_m), ("duration_s", duration_s)):
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} is {value}")
    parts = [
        ("base", int(tariff["base_minor"])),
        ("distance", _share(distance_m, 1000, int(tariff["per_km_minor"]))),
        ("time", _share(duration_s, 60, int(tariff["per_min_minor"]))),
    ]
    missing = int(tariff["minimum_minor"]) - sum(amount for _, amount in parts)
    if missing > 0:
        parts.append(("minimum", missing))
    return Price(sum(amount for _, amount in parts), str(tariff["currency"]), tuple(parts))
