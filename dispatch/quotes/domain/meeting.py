"""Choosing where to meet and where to get out: the best whole of walking and driving."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt


class Preference(StrEnum):
    """What the rider wants least of."""

    FASTEST = "fastest"  # walking and driving together take the least time
    SHORTEST_WALK = "shortest_walk"  # as little walking as possible, then the least time


def ranked_pairs(
    pickup_walk_s: Sequence[float],
    dropoff_walk_s: Sequence[float],
    drive_s: npt.NDArray[np.float64],
    preference: Preference,
) -> list[tuple[int, int]]:
    """Pairs (pickup, dropoff) that can be driven, best first.

    `drive_s` is [pickups, dropoffs] seconds, infinity where there is no way. Ties go to the nearer places.
    """
    pairs = [(int(i), int(j)) for i, j in np.argwhere(np.isfinite(drive_s))]

    def walking(pair: tuple[int, int]) -> float:
        return pickup_walk_s[pair[0]] + dropoff_walk_s[pair[1]]

    def total(pair: tuple[int, int]) -> float:
        return walking(pair) + float(drive_s[pair])

    if preference is Preference.SHORTEST_WALK:
        return sorted(pairs, key=lambda pair: (walking(pair), total(pair), pair))
    return sorted(pairs, key=lambda pair: (total(pair), walking(pair), pair))
