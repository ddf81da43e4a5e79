"""Intervals are those of the textbooks; calibrated bounds hold."""

import numpy as np
import pytest

from autonomy.train.calibrate import calibrate, distances, error_scale, quantile, spread
from autonomy.train.figures import mean, rate, share


def test_a_share_has_wilsons_interval() -> None:
    found = share(18, 20)
    assert found["value"] == 0.9
    assert found["low"] == pytest.approx(0.6990, abs=1e-4)
    assert found["high"] == pytest.approx(0.9721, abs=1e-4)
    assert share(0, 0) == {"value": 0.0, "low": 0.0, "high": 1.0, "n": 0}
    with pytest.raises(ValueError, match="hits: 3"):
        share(3, 2)


def test_a_rate_has_garwoods_interval() -> None:
    found = rate(3, 2.0)
    assert found["value"] == 1.5
    assert found["low"] == pytest.approx(0.6187 / 2, abs=1e-4)
    assert found["high"] == pytest.approx(8.7673 / 2, abs=1e-4)
    assert rate(0, 10.0)["high"] == pytest.approx(0.36889, abs=1e-5)
    with pytest.raises(ValueError, match="events"):
        rate(-1, 1.0)


def test_a_mean_has_the_normal_interval() -> None:
    assert mean([]) == {"value": 0.0, "n": 0}
    found = mean([1.0, 2.0, 3.0, 4.0])
    assert found["value"] == 2.5
    assert found["high"] == pytest.approx(2.5 + 1.96 * 1.29099 / 2, abs=1e-3)


def test_the_conformal_quantile_is_the_next_larger_order_statistic() -> None:
    assert quantile(np.arange(1.0, 100.0), 0.95) == 95.0
    assert quantile(np.array([3.0, 1.0]), 0.99) == 3.0
    with pytest.raises(ValueError, match="none"):
        quantile(np.zeros(0), 0.9)
    with pytest.raises(ValueError, match="share: 1"):
        quantile(np.ones(3), 1.0)


def test_scaled_errors_cover_what_they_promise_on_new_data() -> None:
    random = np.random.default_rng(0)
    said = random.uniform(0.5, 2.0, 4000)
    true = said * np.abs(random.standard_normal(4000)) * 1.7
    scale = error_scale(said[:2000], true[:2000], 0.9)
    covered = (true[2000:] <= scale * said[2000:]).mean()
    assert 0.88 < covered < 0.92


def test_far_pictures_score_above_the_limit_and_known_ones_below() -> None:
    random = np.random.default_rng(1)
    known = random.standard_normal((3000, 8)) * np.linspace(1.0, 3.0, 8)
    centre, precision = spread(known)
    assert distances(known, centre, precision).mean() == pytest.approx(1.0, abs=0.1)
    found = calibrate(
        train=known[:2000],
        held_out=known[2000:],
        said_m=np.ones(50),
        true_m=np.linspace(0, 2, 50),
        uncertainty=np.linspace(0, 0.4, 50),
    )
    assert found.uncertainty_limit == 0.4
    assert (distances(known[2000:], found.mean, found.precision) / found.ood_scale <= 1).all()
    assert distances(known[:1] + 40.0, found.mean, found.precision)[0] / found.ood_scale > 3
