"""How sure is sure: limits for the uncertainty and for pictures unlike all that was learned from.

Uncertainty: the network says by how many metres its plan may be off. Split conformal prediction (Vovk et al. 2005;
Angelopoulos and Bates 2021) turns that into a bound that holds on new data from the same roads: on held-out drives the
ratio of the true error to the said one has the quantile `scale`, so that scale * said error covers `coverage` of them.
Out of distribution: squared Mahalanobis distance of the picture's embedding to those of training (Lee et al. 2018),
over the quantile that good held-out driving stays below.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
SHRINK = 0.05


@dataclass(frozen=True, slots=True)
class Calibration:
    """error_scale: times the said error covers `coverage` of the true ones; uncertainty_limit: of the 0 to 1 figure
    that actions carry; ood: mean f8[D] and precision f8[D, D] of the embeddings, ood_scale: distance at which the score
    is 1; ood_limit: always 1, the score is scaled to that."""

    error_scale: float
    coverage: float
    uncertainty_limit: float
    mean: F8
    precision: F8
    ood_scale: float
    ood_limit: float = 1.0


def quantile(values: F8, share: float) -> float:
    """The conformal quantile: the ceil((n + 1) share)-th smallest value, the largest where n is too small.
    Raises ValueError without values or for a share outside 0 to 1."""
    if len(values) == 0:
        raise ValueError("values: none to calibrate with")
    if not 0.0 < share < 1.0:
        raise ValueError(f"share: {share} is not within 0 and 1")
    rank = min(int(np.ceil((len(values) + 1) * share)), len(values))
    return float(np.sort(values)[rank - 1])


def error_scale(said_m: F8, true_m: F8, coverage: float) -> float:
    """By how much the said errors must be multiplied to cover so many of the true ones."""
    return quantile(true_m / np.maximum(said_m, 1e-3), coverage)


def distances(embeddings: F8, mean: F8, precision: F8) -> F8:
    """f8[N]: squared Mahalanobis distance a dimension."""
    apart = embeddings - mean
    square: F8 = np.einsum("nd,de,ne->n", apart, precision, apart) / embeddings.shape[1]
    return square


def spread(embeddings: F8) -> tuple[F8, F8]:
    """Mean and precision of embeddings f8[N, D]; the covariance is shrunk a little towards its diagonal."""
    mean = embeddings.mean(axis=0)
    covariance = np.cov(embeddings, rowvar=False)
    covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance))
    covariance += 1e-6 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    precision: F8 = np.linalg.inv(covariance).astype(np.float64)
    return mean, precision


def calibrate(
    *, train: F8, held_out: F8, said_m: F8, true_m: F8, uncertainty: F8, coverage: float = 0.95, quiet: float = 0.999
) -> Calibration:
    """train, held_out: embeddings f8[N, D] of ordinary driving; said_m, true_m, uncertainty f8[M]: of held-out
    pictures. `quiet`: part of good driving that stays below the limits."""
    mean, precision = spread(train)
    return Calibration(
        error_scale=error_scale(said_m, true_m, coverage),
        coverage=coverage,
        uncertainty_limit=min(quantile(uncertainty, quiet), 0.99),
        mean=mean,
        precision=precision,
        ood_scale=quantile(distances(held_out, mean, precision), quiet),
    )
