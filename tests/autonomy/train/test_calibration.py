"""Calibrated bounds hold on new data."""

import numpy as np
import pytest

from autonomy.train.calibrate import calibrate, distances, error_scale, quantile, spread


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
