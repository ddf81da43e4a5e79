"""What the networks are taught by: one call for both, `clip_loss`.

Plans: the likelihood of a mixture, one part a mode (Bishop 1994, mixture density networks), so that a mode learns as
much as it is believed in and the mode that is believed in most is one to drive; a small share for all modes keeps them
alive (Rupprecht et al., ICCV 2017). Errors across the path weigh more than errors along it, near waypoints more than
far ones. Truths that only the simulator knows are asked of the latents: to a small encoder they say where to look.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autonomy.model.action import headings
from autonomy.model.inputs import FLAGS, Inputs
from autonomy.model.speech import FACTS, plan_of
from autonomy.model.tokenizer import PAD
from autonomy.model.vla1 import SpokenClip, Vla1
from autonomy.model.vla2 import Vla2
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS

Parts = dict[str, Tensor]
RELAXED, MIXED = 0.05, 1.0
HIDE_SPEED, HIDE_PAST = 0.1, 0.25
SPOKEN_PART = 4  # explanations (and all of VLA 1.0's speech) are learned at one frame of so many
_FLAGS = len(FLAGS)


def clip_loss(module: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, Parts]:
    """batch: the arrays of `features.encode` and `truth.targets` as [B, T, ...], and weight f4[B, T] of the plan (0:
    not to be learned; default 1). Returns the loss and its parts, with ade_m, fde_m and accuracies beside.

    In training (module.training) a part of the clips sees no or less of its past, or not its own speed.
    """
    b, t = batch["pixels"].shape[:2]
    inputs = Inputs(batch["pixels"], batch["ego"], batch["route"], batch["words"])
    limit, hide = _hidden(b, module.training, 16)
    flat = {name: value.flatten(0, 1) for name, value in batch.items() if name not in ("pixels", "heat")}
    heat = float(batch["heat"]) if "heat" in batch else MIXED
    weight = flat.get("weight", torch.ones(b * t))
    if isinstance(module, Vla2):
        clip = module.forward_clip(inputs, limit, hide)
        total, parts = truth_loss(clip.heads, flat)
        plan, of_plan = plan_loss(clip.raw[..., -1], clip.xy, clip.pace, flat["plan"], weight, heat)
        doubt = _doubt(clip.heads[4], of_plan.pop("rows_ade"), weight)
        words = _words_loss(module, clip.latents, flat["said"])
        parts |= {**of_plan, "plan": plan, "doubt": doubt, "said": words}
        return total + 2.0 * plan + 0.1 * doubt + 0.2 * words, _detached(parts)
    if isinstance(module, Vla1):
        count = max(b * t // SPOKEN_PART, 1)
        rows = torch.randperm(b * t)[:count] if module.training else torch.arange(0, b * t, SPOKEN_PART)
        own = {name: value[rows] for name, value in flat.items()}
        told = module.speech.write(own)
        spoken = module.forward_clip(inputs, told, rows, limit, hide)
        total, parts = truth_loss(spoken.heads, own)
        loss, more, ade = speech_loss(module, spoken, told, own, weight[rows])
        doubt = _doubt(spoken.heads[4], ade, weight[rows])
        parts |= {**more, "doubt": doubt}
        return total + loss + 0.1 * doubt, _detached(parts)
    raise ValueError(f"module: {type(module).__name__} is no network of ours")


def _hidden(clips: int, training: bool, history: int) -> tuple[Tensor | None, Tensor | None]:
    if not training:
        return None, None
    draw = torch.rand(clips)
    limit = torch.where(draw < HIDE_PAST / 2, 0, torch.where(draw < HIDE_PAST, torch.randint(1, history, (clips,)), 99))
    return limit, torch.rand(clips) < HIDE_SPEED


def plan_loss(  # noqa: PLR0917 - what the network says, then what the teacher does
    odds: Tensor, xy: Tensor, pace: Tensor, plan: Tensor, weight: Tensor, heat: float = MIXED
) -> tuple[Tensor, Parts]:
    """odds [N, K], xy f4[N, K, 20, 2], pace f4[N, K, 20] of the modes; plan f4[N, 20, 3] of the teacher. heat: how
    much the modes share a plan; training begins hot, when all learn what is likely on the whole, and cools down until
    they part (deterministic annealing: Rose 1998; Perera et al., Annealed multiple choice learning, NeurIPS 2024)."""
    due = torch.arange(1, ACTION_STEPS + 1) * ACTION_STEP_S
    share = 1.0 / (0.5 + due)
    share = share / share.sum()
    turned = headings(plan[..., :2])
    along = torch.stack([turned.cos(), turned.sin()], -1)[:, None]
    off = xy - plan[:, None, :, :2]
    ahead = (off * along).sum(-1)
    beside = off[..., 1] * along[..., 0] - off[..., 0] * along[..., 1]
    faster = pace - plan[:, None, :, 2]
    cost = F.smooth_l1_loss(ahead, torch.zeros_like(ahead), reduction="none", beta=0.5)
    cost = cost + 2.0 * F.smooth_l1_loss(beside, torch.zeros_like(beside), reduction="none", beta=0.25)
    cost = cost + 1.0 * F.smooth_l1_loss(faster, torch.zeros_like(faster), reduction="none", beta=0.5)
    per_mode = (cost * share).sum(-1)
    likely = -heat * torch.logsumexp(odds.float().log_softmax(-1) - per_mode / heat, 1)
    loss = _mean((1 - RELAXED) * likely + RELAXED * per_mode.mean(1), weight)
    said = odds.argmax(1)
    apart = off.detach().norm(dim=-1)[torch.arange(len(said)), said]
    slow = faster.detach()[torch.arange(len(said)), said].abs().mean(-1)
    return loss, {
        "rows_ade": apart.mean(-1),
        "ade_m": _mean(apart.mean(-1), weight),
        "fde_m": _mean(apart[:, -1], weight),
        "speed_mps": _mean(slow, weight),
        "lateral_m": _mean(beside.detach()[torch.arange(len(said)), said].abs().mean(-1), weight),
        "best_ade_m": _mean(off.detach().norm(dim=-1).mean(-1).min(1).values, weight),
    }


def truth_loss(heads: tuple[Tensor, ...], truth: Mapping[str, Tensor]) -> tuple[Tensor, Parts]:
    """heads as TruthHeads gives them."""
    cause, order, refuse, asks, _, aux = heads
    known = truth["aux_known"]
    flags = F.binary_cross_entropy_with_logits(aux[:, :_FLAGS], truth["aux"][:, :_FLAGS], reduction="none")
    values = F.smooth_l1_loss(aux[:, _FLAGS:], truth["aux"][:, _FLAGS:], reduction="none", beta=0.1)
    parts = {
        "cause": F.cross_entropy(cause, truth["cause"]),
        "order": F.cross_entropy(order, truth["order"]),
        "refuse": F.binary_cross_entropy_with_logits(refuse, truth["refuse"]),
        "help": F.binary_cross_entropy_with_logits(asks, truth["help"]),
        "flags": (flags * known[:, :_FLAGS]).sum() / known[:, :_FLAGS].sum().clamp(min=1.0),
        "values": (values * known[:, _FLAGS:]).sum() / known[:, _FLAGS:].sum().clamp(min=1.0),
    }
    total = (
        0.3 * parts["cause"] + 0.2 * parts["order"] + 0.2 * parts["refuse"] + 0.2 * parts["help"]
        + 2.0 * parts["flags"] + 2.0 * parts["values"]
    )  # fmt: skip
    right = (cause.argmax(1) == truth["cause"]).float().mean()
    signal = (aux[:, :4].argmax(1) == truth["aux"][:, :4].argmax(1)).float().mean()
    obeyed = (order.argmax(1) == truth["order"]).float().mean()
    return total, {**parts, "cause_accuracy": right, "signal_accuracy": signal, "order_accuracy": obeyed}


def speech_loss(
    module: Vla1, clip: SpokenClip, told: Tensor, truth: Mapping[str, Tensor], weight: Tensor
) -> tuple[Tensor, Parts, Tensor]:
    """Every token is asked of the numbers that may stand in its place; neighbours of a step count a little."""
    facts = torch.stack([
        F.cross_entropy(odds.float(), told[:, k] - module.speech.ranges[k][0]) for k, odds in enumerate(clip.facts)
    ])  # fmt: skip
    first = len(FACTS)
    said = told[:, first : first + module.config.said]
    words = F.cross_entropy(clip.words.float().flatten(0, 1), said.flatten(), ignore_index=PAD)
    wanted = module.speech.steps(told)
    steps = torch.arange(clip.action.shape[-1])
    soft = torch.exp(-0.5 * (steps - wanted[..., None]).float().square())
    soft = soft / soft.sum(-1, keepdim=True)
    odds = clip.action.float().log_softmax(-1)
    action = _mean(-(soft * odds).sum(-1).mean((1, 2)), weight)
    xy = plan_of(clip.action.argmax(-1), truth["route"], truth["ego"])
    apart = (xy - truth["plan"][..., :2]).norm(dim=-1).detach()
    cause = (clip.facts[0].argmax(-1) == truth["cause"]).float().mean()
    parts = {
        "facts": facts.mean(), "said": words, "plan": action, "cause_accuracy": cause,
        "ade_m": _mean(apart.mean(-1), weight), "fde_m": _mean(apart[:, -1], weight),
    }  # fmt: skip
    return 1.0 * action + facts.mean() + 0.2 * words, parts, apart.mean(-1)


def _words_loss(module: Vla2, latents: Tensor, said: Tensor) -> Tensor:
    rows = torch.arange(len(said))
    rows = rows[torch.randint(0, SPOKEN_PART, (1,)) :: SPOKEN_PART] if module.training else rows[::SPOKEN_PART]
    odds = module.explainer(latents[rows], said[rows])
    return F.cross_entropy(odds.float().flatten(0, 1), said[rows].flatten(), ignore_index=PAD)


def _doubt(log_error: Tensor, ade: Tensor, weight: Tensor) -> Tensor:
    """The median of the plan's error is what is said: mean absolute error of its logarithm."""
    return _mean((log_error - (ade + 0.02).log()).abs(), weight)


def _mean(value: Tensor, weight: Tensor) -> Tensor:
    return (value * weight).sum() / weight.sum().clamp(min=1e-6)


def _detached(parts: Parts) -> Parts:
    return {name: value.detach() for name, value in parts.items()}
