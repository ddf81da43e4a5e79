"""Plans: speed along the route and offset beside it."""

import pytest
import torch

from autonomy.model.action import (
    OFFSET_BUMPS,
    PLAN_SIZE,
    SPEED_KNOTS_S,
    PlanHead,
    headings,
    route_at,
    speed_basis,
    speeds,
)
from tests.autonomy.model.small import small, straight

SPEEDS = len(SPEED_KNOTS_S) - 1


def head() -> PlanHead:
    return PlanHead(small())


def test_no_change_keeps_the_speed_along_the_route() -> None:
    xy, pace = head().decode(torch.zeros(1, 1, PLAN_SIZE), straight(1), torch.tensor([5.0]))
    torch.testing.assert_close(xy[0, 0, :, 0], torch.arange(1, 21) * 1.0)
    assert torch.equal(xy[0, 0, :, 1], torch.zeros(20))
    torch.testing.assert_close(pace[0, 0], torch.full((20,), 5.0))


def test_a_car_that_does_not_move_along_does_not_move_aside() -> None:
    raw = torch.randn(1, 4, PLAN_SIZE, generator=torch.Generator().manual_seed(1))
    raw[..., :SPEEDS] = -3.0
    xy, _ = head().decode(raw, straight(1), torch.tensor([0.0]))
    assert torch.equal(xy, torch.zeros_like(xy))


def test_speed_never_falls_below_nought() -> None:
    raw = torch.zeros(1, 1, PLAN_SIZE)
    raw[..., :SPEEDS] = -2.0
    xy, pace = head().decode(raw, straight(1), torch.tensor([3.0]))
    assert float(pace.min()) == 0.0
    assert bool((torch.diff(xy[0, 0, :, 0]) >= 0).all())


def test_a_plan_begins_where_the_car_is_though_the_route_does_not() -> None:
    route = straight(1)
    route[..., 1] += 0.4  # the navigation believes the car to be off its line
    xy, _ = head().decode(torch.zeros(1, 1, PLAN_SIZE), route, torch.tensor([4.0]))
    assert float(xy[..., 1].abs().max()) < 1e-6


def test_the_route_goes_straight_on_past_its_end() -> None:
    at = route_at(straight(1), torch.tensor([[3.0, 58.0, 70.0]]))
    torch.testing.assert_close(at[0, :, 0], torch.tensor([3.0, 58.0, 70.0]))


def test_the_speed_basis_passes_through_its_knots() -> None:
    basis = speed_basis()
    assert basis.shape == (SPEEDS, 20)
    for knot, due in enumerate(SPEED_KNOTS_S[1:]):
        step = due / 0.2 - 1
        if abs(step - round(step)) < 1e-9:
            column = basis[:, round(step)]
            assert column[knot] == pytest.approx(1.0, abs=1e-6)
            assert float(column.abs().sum()) == pytest.approx(1.0, abs=1e-5)


def test_headings_and_speeds_of_a_circle() -> None:
    turn = torch.arange(1, 21) * 0.05
    xy = torch.stack([20 * turn.sin(), 20 * (1 - turn.cos())], -1)
    torch.testing.assert_close(headings(xy)[2:17], turn[2:17], atol=1e-4, rtol=0)
    torch.testing.assert_close(speeds(xy), torch.full((20,), 5.0), atol=0.01, rtol=0)


def test_a_standing_car_keeps_its_heading() -> None:
    noise = 0.01 * torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    assert float(headings(noise).abs().max()) == 0.0


def test_sizes_fit() -> None:
    assert PLAN_SIZE == SPEEDS + 2 * OFFSET_BUMPS + 2
