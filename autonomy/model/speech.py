"""What VLA 1.0 says to itself: facts and an explanation in words, then its action, all as tokens of one vocabulary.

Order of a sentence: one token per fact (FACTS), the explanation's words, then for each of the 20 waypoints a token for
the speed along the route and one for the place beside it. Speeds are told as parts of the speed of free driving
(`cruise`), from 0 to twice that, places beside the route on an inverse hyperbolic sine from -30 m to 30 m, 128 steps
each: fine where it matters.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from autonomy.model.action import route_at
from autonomy.model.config import ModelConfig
from autonomy.model.cruise import cruise
from autonomy.model.inputs import AUX_NAMES, CAUSES, ORDERS, SPEED_SCALE
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS
from autonomy.world.observation import ROUTE_SPACING_M

BINS = 128
PART_TOP, LEAST_MPS = 2.0, 0.5
BESIDE_TOP_M, BESIDE_FINE_M = 30.0, 0.1
STILL_MPS = 0.05
_GAPS = 16
# name and how many values: gaps are in 16 steps of the aux value's 0 to 1, the last for "none"
FACTS: dict[str, int] = {
    "cause": len(CAUSES), "refuse": 2, "help": 2, "order": len(ORDERS), "signal": 4, "may_enter": 2,
    "line": _GAPS, "leader_gap": _GAPS, "walker_gap": _GAPS, "may_leave_kerb": 2,
}  # fmt: skip


def fact_ranges(config: ModelConfig) -> list[tuple[int, int]]:
    out, low = [], config.vocabulary
    for size in FACTS.values():
        out.append((low, low + size))
        low += size
    return out


def all_tokens(config: ModelConfig) -> int:
    """Size of the whole vocabulary."""
    return config.vocabulary + sum(FACTS.values()) + 2 * BINS


def action_from(config: ModelConfig) -> int:
    """Place of the first action token."""
    return len(FACTS) + config.said


def speed_step(pace: Tensor, base: Tensor) -> Tensor:
    """Speeds as parts of `base`, of at least LEAST_MPS."""
    return ((pace / base.clamp(min=LEAST_MPS)).clamp(0, PART_TOP) / PART_TOP * (BINS - 2)).round().long()


def speed_of(step: Tensor, base: Tensor) -> Tensor:
    """The speed that is meant."""
    return step / (BINS - 2) * PART_TOP * base.clamp(min=LEAST_MPS)


_REACH = math.asinh(BESIDE_TOP_M / BESIDE_FINE_M)


def beside_step(metres: Tensor) -> Tensor:
    """Metres beside the route."""
    part = torch.asinh(metres.clamp(-BESIDE_TOP_M, BESIDE_TOP_M) / BESIDE_FINE_M) / _REACH
    return ((part + 1) / 2 * (BINS - 2)).round().long()


def beside_of(step: Tensor) -> Tensor:
    """The place beside the route that is meant, in metres."""
    return torch.sinh((step / (BINS - 2) * 2 - 1) * _REACH) * BESIDE_FINE_M


def normals(route: Tensor, s: Tensor) -> Tensor:
    """Unit vectors to the left of the route at s: f4[B, n, 2]."""
    ahead = route_at(route, s + ROUTE_SPACING_M / 2) - route_at(route, (s - ROUTE_SPACING_M / 2).clamp(min=0))
    ahead = ahead / ahead.norm(dim=-1, keepdim=True).clamp(min=1e-3)
    return torch.stack([-ahead[..., 1], ahead[..., 0]], -1)


def plan_of(steps: Tensor, route: Tensor, ego: Tensor) -> Tensor:
    """Action steps i8[B, 20, 2] (speed, place beside) to waypoints f4[B, 20, 2]; ego as the networks get it."""
    speed = ego[:, 0] * SPEED_SCALE
    pace = speed_of(steps[..., 0].float(), cruise(route, ego))
    beside = beside_of(steps[..., 1].float())
    s = ACTION_STEP_S * (pace.cumsum(-1) - pace / 2 + speed[:, None] / 2)
    s = torch.where((pace < STILL_MPS).all(-1, keepdim=True), 0.0, s)
    smooth = F.avg_pool1d(F.pad(beside[:, None], (2, 2), mode="replicate"), 5, 1)[:, 0]
    moved = (s / 3.0).clamp(max=1.0)[..., None]
    return route_at(route, s) - route[:, :1] + normals(route, s) * smooth[..., None] * moved


def action_steps(xy: Tensor, route: Tensor, ego: Tensor) -> Tensor:
    """Waypoints f4[B, 20, 2] to steps i8[B, 20, 2]: their foot points on the (shifted) route and places beside it."""
    line = route - route[:, :1]
    start, step = line[:, :-1], torch.diff(line, dim=1)
    length = step.square().sum(-1).clamp(min=1e-6)
    along = ((xy[:, :, None] - start[:, None]) * step[:, None]).sum(-1) / length[:, None]
    part = along.clamp(min=0.0)
    part[..., :-1] = part[..., :-1].clamp(max=1.0)
    foot = start[:, None] + part[..., None] * step[:, None]
    off = (xy[:, :, None] - foot).norm(dim=-1)
    best = off.argmin(-1, keepdim=True)
    s = (best + part.gather(2, best))[..., 0] * ROUTE_SPACING_M
    s = torch.cummax(s, 1).values
    rate = torch.diff(F.pad(s, (1, 0)), dim=1) / ACTION_STEP_S
    pace = torch.cat([(rate[:, :-1] + rate[:, 1:]) / 2, rate[:, -1:]], 1)
    foot_s = route_at(route, s) - route[:, :1]
    beside = ((xy - foot_s) * normals(route, s)).sum(-1)
    return torch.stack([speed_step(pace, cruise(route, ego)), beside_step(beside)], -1)


def gap_step(value: Tensor, known: Tensor) -> Tensor:
    """An aux distance of 0 to 1 in steps; the last step: there is none."""
    step = (value.clamp(0, 1) * (_GAPS - 2)).round().long()
    return torch.where(known > 0, step, _GAPS - 1)


class Speech:
    """Where each kind of token stands in a sentence, and the numbers that may stand there."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.length = len(FACTS) + config.said + 2 * ACTION_STEPS
        self.action_base = config.vocabulary + sum(FACTS.values())
        base = self.action_base
        pairs = [(base, base + BINS), (base + BINS, base + 2 * BINS)]
        self.ranges = [*fact_ranges(config), *([(0, config.vocabulary)] * config.said), *(pairs * ACTION_STEPS)]

    def read(self, told: Tensor) -> dict[str, Tensor]:
        """The facts i8[B] by name."""
        return {name: told[:, k] - self.ranges[k][0] for k, name in enumerate(FACTS)}

    def write(self, truth: Mapping[str, Tensor]) -> Tensor:
        """The sentence i8[N, length] that the teacher would say: arrays of `truth.targets` and `features.encode`."""
        aux, known = truth["aux"], truth["aux_known"]
        column = {name: AUX_NAMES.index(name) for name in AUX_NAMES}
        yes = {name: aux[:, column[name]].long() for name in ("may_enter", "may_leave_kerb")}
        gaps = {
            name: gap_step(aux[:, column[name]], known[:, column[name]])
            for name in ("line", "leader_gap", "walker_gap")
        }
        facts = {
            "cause": truth["cause"], "refuse": truth["refuse"].long(), "help": truth["help"].long(),
            "order": truth["order"], "signal": aux[:, :4].argmax(1), **yes, **gaps,
        }  # fmt: skip
        told = [facts[name] + self.ranges[k][0] for k, name in enumerate(FACTS)]
        steps = action_steps(truth["plan"][..., :2].float(), truth["route"].float(), truth["ego"].float())
        action = steps + torch.tensor([0, BINS]) + self.action_base
        return torch.cat([torch.stack(told, 1), truth["said"], action.flatten(1)], 1)

    def steps(self, told: Tensor) -> Tensor:
        """Action steps of sentences i8[N, 20, 2], each from 0 to BINS - 1."""
        pairs = told[:, action_from(self.config) :].view(-1, ACTION_STEPS, 2) - self.action_base
        return pairs - torch.tensor([0, BINS])
