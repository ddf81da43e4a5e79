"""Which ways through a junction come too near each other: whole cars count, not the middle of their rear axles."""

import numpy as np

from autonomy.sim.curves import curvature_of, heading_of
from autonomy.sim.path import Passage, Path
from autonomy.sim.right_of_way import CLEARANCE_M, RightOfWay

RADIUS_M = 6.0


def path_of(xy: np.ndarray) -> Path:
    heading = heading_of(xy)
    lane = np.column_stack([xy, heading, curvature_of(heading, 1.0), np.full(len(xy), 8.0)])
    return Path([0], lane, lane, np.arange(len(xy), dtype=float), np.array([100.0]), [], 20.0, False)


def passage_of(path: Path, approach: int, out: int) -> Passage:
    return Passage(0, 2.0, path.length_m - 4.0, approach, out, (approach, out), 0.0)


def conflict(a: Path, b: Path) -> bool:
    rules = RightOfWay({}, lambda edge: 0.0, 1.0)
    return rules.conflict(a, passage_of(a, 1, 2), b, passage_of(b, 3, 4))


def straight(x_m: float) -> Path:
    return path_of(np.column_stack([np.full(25, x_m), np.arange(25.0)[::-1]]))


def sharp_turn() -> Path:
    """From the west round to the north, the rear axle never east of x = 6 m."""
    turn = np.arange(0.0, np.pi / 2, 1 / RADIUS_M)
    arc = np.column_stack([RADIUS_M * np.sin(turn), RADIUS_M * (1 - np.cos(turn))])
    west, north = np.arange(-8.0, 0.0), np.arange(RADIUS_M, 16.0)
    return path_of(
        np.concatenate([np.column_stack([west, 0 * west]), arc, np.column_stack([0 * north + RADIUS_M, north])])
    )


def test_the_front_of_a_car_that_turns_sharply_reaches_where_its_rear_axle_does_not() -> None:
    turning, passing = sharp_turn(), straight(RADIUS_M + 2.9)
    apart = np.hypot(*(turning.lane[:, None, :2] - passing.lane[None, :, :2]).transpose(2, 0, 1)).min()
    assert apart > CLEARANCE_M
    assert conflict(turning, passing)


def test_cars_in_lanes_beside_each_other_are_not_in_conflict() -> None:
    assert not conflict(straight(0.0), straight(3.25))
    assert not conflict(sharp_turn(), straight(RADIUS_M + 5.0))
