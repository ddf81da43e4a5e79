"""The speed at which one would drive if nobody else were there: what plans are told as differences from.

From what a network is given, no more: its speed, the limit here, the navigation's line and the distance to the ordered
stop. Free driving is the Intelligent Driver Model without a leader (Treiber, Hennecke, Helbing 2000), below the speeds
that bends, the limit and the stop allow with v² = v_cap² + 2 b d. A network then learns what it sees, not how
engines work.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from autonomy.model.inputs import EGO_NAMES, SPEED_SCALE
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS
from autonomy.world.observation import ROUTE_POINTS, ROUTE_SPACING_M, ROUTE_STOP_MAX_M

ACCEL_MPS2, BRAKE_MPS2, LATERAL_MPS2, HARD_MPS2 = 1.6, 1.7, 2.0, 4.5
PASSES = 3  # the caps are looked up where the car will be, which follows from the caps
_LIMIT, _STOP = EGO_NAMES.index("limit"), EGO_NAMES.index("stop")
_GRID = 1000
_TIME = 4.0  # in units of limit / acceleration


def _free() -> tuple[Tensor, Tensor]:
    """u(tau) of u' = 1 - u^4, u(0) = 0, on a grid of tau, and the way back from u to tau."""
    steps, u = [0.0], 0.0
    for _ in range(_GRID):
        u += _TIME / _GRID * (1.0 - (u + _TIME / _GRID * (1.0 - u**4) / 2) ** 4)
        steps.append(u)
    back = np.interp(np.linspace(0.0, steps[-1], _GRID + 1), steps, np.linspace(0.0, _TIME, _GRID + 1))
    return torch.tensor(steps), torch.tensor(back, dtype=torch.float32)


_RISE, _BACK = _free()


def _look_up(table: Tensor, part: Tensor) -> Tensor:
    """table at `part`, 0 to 1 of its length."""
    at = part.clamp(0.0, 1.0) * _GRID
    low = at.long().clamp(max=_GRID - 1)
    left = at - low
    return table[low] * (1.0 - left) + table[low + 1] * left


def caps(route: Tensor, limit: Tensor, stop: Tensor) -> Tensor:
    """f4[B, 30]: squared speed allowed at each point of the route so that every later one can be kept."""
    step = torch.diff(route, dim=1)
    turn = torch.diff(torch.atan2(step[..., 1], step[..., 0]), dim=1)
    turn = torch.remainder(turn + torch.pi, 2 * torch.pi) - torch.pi
    bend = F.avg_pool1d(F.pad(turn.abs()[:, None], (2, 2), mode="replicate"), 3, 1)[:, 0] / ROUTE_SPACING_M
    along = torch.arange(ROUTE_POINTS) * ROUTE_SPACING_M
    square = torch.minimum(limit[:, None].square(), LATERAL_MPS2 / bend.clamp(min=1e-3))
    left = 2 * BRAKE_MPS2 * (stop[:, None] - along - 0.05).clamp(min=0.0)
    square = torch.where(stop[:, None] < ROUTE_STOP_MAX_M - 0.5, torch.minimum(square, left), square)
    level = square + 2 * BRAKE_MPS2 * along
    return (level.flip(1).cummin(1).values.flip(1) - 2 * BRAKE_MPS2 * along).clamp(min=0.0)


def cruise(route: Tensor, ego: Tensor) -> Tensor:
    """route f4[B, 30, 2] in metres, ego f4[B, EGO_SIZE]: speeds f4[B, 20] at the waypoints, m/s."""
    ego, route = ego.float(), route.float()
    speed, limit = ego[:, :1] * SPEED_SCALE, (ego[:, _LIMIT] * SPEED_SCALE).clamp(min=0.5)
    due = torch.arange(1, ACTION_STEPS + 1) * ACTION_STEP_S
    top = float(_RISE[-1])
    began = _look_up(_BACK, speed / limit[:, None] / top)
    free = limit[:, None] * _look_up(_RISE, (began + ACCEL_MPS2 * due / limit[:, None]) / _TIME)
    slowest = speed - HARD_MPS2 * due
    free = torch.maximum(free, torch.minimum(speed - 2.5 * due, speed))
    square = caps(route, limit, ego[:, _STOP] * ROUTE_STOP_MAX_M)
    pace = free
    for _ in range(PASSES):
        s = ACTION_STEP_S * (pace.cumsum(1) - pace / 2 + speed / 2)
        place = (s / ROUTE_SPACING_M).clamp(max=ROUTE_POINTS - 1.001)
        low = place.long()
        part = place - low
        cap = (square.gather(1, low) * (1 - part) + square.gather(1, low + 1) * part).sqrt()
        pace = torch.minimum(free, torch.maximum(cap, slowest)).clamp(min=0.0)
    return pace
