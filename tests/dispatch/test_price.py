"""The upfront price, to the cent."""

import pytest

from dispatch.quotes.domain.price import price

TARIFF = {"currency": "EUR", "base_minor": 250, "per_km_minor": 140, "per_min_minor": 25, "minimum_minor": 500}


def test_price_adds_base_distance_and_time() -> None:
    given = price(distance_m=5200, duration_s=754, tariff=TARIFF)
    assert given.parts == (("base", 250), ("distance", 728), ("time", 314))
    assert (given.amount_minor, given.currency) == (1292, "EUR")


def test_a_half_is_rounded_up_and_nothing_is_lost_to_floating_point() -> None:
    assert price(distance_m=0, duration_s=61.2, tariff=TARIFF).parts[2] == ("time", 26)  # 25.5
    assert price(distance_m=1002.5, duration_s=0, tariff=TARIFF).parts[1] == ("distance", 140)  # 140.35


def test_a_short_ride_costs_the_minimum_and_says_so() -> None:
    given = price(distance_m=300, duration_s=60, tariff=TARIFF)
    assert given.parts == (("base", 250), ("distance", 42), ("time", 25), ("minimum", 183))
    assert given.amount_minor == 500


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_an_impossible_distance_or_duration_has_no_price(bad: float) -> None:
    with pytest.raises(ValueError, match="distance_m"):
        price(distance_m=bad, duration_s=1, tariff=TARIFF)
    with pytest.raises(ValueError, match="duration_s"):
        price(distance_m=1, duration_s=bad, tariff=TARIFF)
