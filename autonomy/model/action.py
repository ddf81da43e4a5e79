"""Trajectories: how far along the route at what time, and by how much beside it at what distance.

A plan is a path and a speed, kept apart: path(s) = route(s) + offset(s) with offset(0) = the car's own place, and
s(t), the integral of a speed that never falls below 0. A car that does not move along can then not drift either, and a
plan is as smooth as its bases are. All waypoints of all modes are decoded at once.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autonomy.model.attention import relu
from autonomy.model.config import ModelConfig
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS
from autonomy.world.observation import ROUTE_POINTS, ROUTE_SPACING_M

SPEED_KNOTS_S = (0.0, 0.2, 0.4, 0.8, 1.2, 1.6, 2.1, 2.7, 3.3, 4.0)
OFFSET_BUMPS = 10
PLAN_SIZE = len(SPEED_KNOTS_S) - 1 + 2 * OFFSET_BUMPS + 2
_SPEED_SCALE, _OFFSET_SCALE = 3.0, 1.0


def speed_basis() -> Tensor:
    """f4[knots - 1, ACTION_STEPS]: change of speed at the knots (none at 0 s) to change at each waypoint, by
    Catmull-Rom interpolation (cubic Hermite with slopes of neighbouring knots)."""
    knots = torch.tensor(SPEED_KNOTS_S, dtype=torch.float64)
    n = len(knots)
    values = torch.eye(n, dtype=torch.float64)
    slopes = torch.zeros_like(values)
    for k in range(n):
        a, b = max(k - 1, 0), min(k + 1, n - 1)
        slopes[k] = (values[b] - values[a]) / (knots[b] - knots[a])
    times = torch.arange(1, ACTION_STEPS + 1, dtype=torch.float64) * ACTION_STEP_S
    low = (torch.searchsorted(knots, times.clamp(max=knots[-1].item() - 1e-9), right=True) - 1).clamp(0, n - 2)
    width = (knots[low + 1] - knots[low])[:, None]
    u = (times - knots[low])[:, None] / width
    weights = (
        (2 * u**3 - 3 * u**2 + 1) * values[low] + (u**3 - 2 * u**2 + u) * width * slopes[low]
        + (3 * u**2 - 2 * u**3) * values[low + 1] + (u**3 - u**2) * width * slopes[low + 1]
    )  # fmt: skip
    return weights[:, 1:].t().float().contiguous()


_BASIS = speed_basis()  # no buffer of the module: it stays in full precision when weights do not


def route_at(route: Tensor, s: Tensor) -> Tensor:
    """route f4[B, 30, 2], s f4[B, n] in metres, at least 0: the points there f4[B, n, 2]; straight on past the end."""
    place = s / ROUTE_SPACING_M
    low = place.detach().long().clamp(0, ROUTE_POINTS - 2)
    part = (place - low)[..., None]
    index = low[..., None].expand(-1, -1, 2)
    start, end = route.gather(1, index), route.gather(1, index + 1)
    return start + (end - start) * part


def bumps(s: Tensor) -> Tensor:
    """f4[..., OFFSET_BUMPS]: Gaussians over log distance, less their value at 0 m, so that all are 0 there."""
    centres = torch.arange(OFFSET_BUMPS, dtype=s.dtype) + 0.5
    scale = OFFSET_BUMPS / math.log1p(60.0 / 4.0)
    return torch.exp(-0.7 * (torch.log1p(s[..., None] / 4.0) * scale - centres) ** 2) - torch.exp(-0.7 * centres**2)


def headings(xy: Tensor) -> Tensor:
    """f4[..., n, 2], waypoints from the car's own place on, to f4[..., n]: chord over two waypoints before and after;
    0, the car's own, until the car has moved half a metre."""
    whole = F.pad(xy, (0, 0, 1, 0))
    n = xy.shape[-2]
    index = torch.arange(1, n + 1)
    chord = whole[..., (index + 2).clamp(max=n), :] - whole[..., (index - 2).clamp(min=0), :]
    length = chord.square().sum(-1)
    turned = torch.atan2(chord[..., 1], chord[..., 0])
    return turned * ((length - 0.09) / 0.16).clamp(0.0, 1.0)


def speeds(xy: Tensor) -> Tensor:
    """Speed at each waypoint f4[..., n]: mean of the steps before and after."""
    step = torch.diff(F.pad(xy, (0, 0, 1, 0)), dim=-2).norm(dim=-1) / ACTION_STEP_S
    last = ((3 * step[..., -1:] - step[..., -2:-1]) / 2).clamp(min=0.0)
    return torch.cat([(step[..., :-1] + step[..., 1:]) / 2, last], -1)


class PlanHead(nn.Module):
    """mode tokens [B, K, width] to plans; all waypoints at once."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, 2 * config.width)
        self.out = nn.Linear(2 * config.width, PLAN_SIZE)
        with torch.no_grad():
            self.out.weight.mul_(0.3)

    def forward(self, modes: Tensor) -> Tensor:
        """Raw plans [B, K, PLAN_SIZE]; the last number is the mode's log-odds."""
        out: Tensor = self.out(relu(self.up(self.norm(modes))))
        return out

    def decode(
        self, raw: Tensor, route: Tensor, speed: Tensor, base: Tensor | None = None, *, leak: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """raw f4[B, K, PLAN_SIZE], route f4[B, 30, 2], speed f4[B] in m/s, base f4[B, 20] (`cruise`): waypoints
        f4[B, K, 20, 2] in the car's own frame and speeds along the route f4[B, K, 20]. A mode's speeds are told as
        differences from somewhere between the speed now and `base` (default: the speed now). `leak` lets gradients
        through a speed at its lower bound."""
        b, modes, _ = raw.shape
        knots = raw[..., : len(SPEED_KNOTS_S) - 1] * _SPEED_SCALE
        between = raw[..., -2:-1].sigmoid()
        rest = speed[:, None] if base is None else base
        middle = speed[:, None, None] * (1.0 - between) + rest[:, None] * between
        pace = F.leaky_relu(middle + knots @ _BASIS, leak)
        s = ACTION_STEP_S * (pace.relu().cumsum(-1) - pace.relu() / 2 + speed[:, None, None] / 2)
        s = s.flatten(1).clamp(min=0.0)
        offsets = raw[..., len(SPEED_KNOTS_S) - 1 : -2].view(b, modes, OFFSET_BUMPS, 2) * _OFFSET_SCALE
        beside = bumps(s).view(b, modes, ACTION_STEPS, OFFSET_BUMPS) @ offsets
        on = route_at(route, s) - route[:, :1]
        return on.view(b, modes, ACTION_STEPS, 2) + beside, pace
