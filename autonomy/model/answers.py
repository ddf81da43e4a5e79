"""From what a network says to actions: into the world's frame, with calibrated doubts, causes and questions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autonomy.language import QUESTIONS, REFUSALS
from autonomy.model.features import default_tokenizer
from autonomy.model.inputs import CAUSES, ORDERS, Outputs
from autonomy.model.vla1 import Vla1
from autonomy.model.vla2 import Vla2
from autonomy.world.action import ACTION_STEPS, Action
from autonomy.world.observation import Cause, Observation
from autonomy.world.orders import UNSAFE, OrderKind

F8 = NDArray[np.float64]
STILL_MPS = 0.12  # a plan that is never faster is a plan to stand
SPREAD_STEP = 9  # waypoint, 2 s ahead, at which modes are compared
ASKS, REFUSES = 0.5, 0.5
_DOUBT_M = 1.0  # so many metres of likely error are an uncertainty of one half
QUESTION = "I can't go on by myself. What shall I do?"
REFUSAL = "refused: that is not safe"


def to_actions(
    observations: Sequence[Observation], outputs: Outputs, manifest: Mapping[str, Any] | None = None
) -> list[Action]:
    """One action per observation, without explanation (see `explanations`). manifest: as `load_release` gives it, for
    its calibration; without it doubts are as the network says, and `ood` is 0. Raises ValueError on unequal counts."""
    if len(observations) != len(outputs.plans):
        raise ValueError(f"outputs: {len(outputs.plans)} rows, must be {len(observations)}")
    plans, weights = outputs.plans.double().cpu().numpy(), outputs.weights.double().cpu().numpy()
    calibration = dict((manifest or {}).get("calibration") or {})
    doubts = uncertainty(outputs, float(calibration.get("error_scale", 1.0)))
    strange = strangeness(outputs.embedding, manifest or {})
    best, cause, order = weights.argmax(1), outputs.cause.argmax(1).tolist(), outputs.order.argmax(1).tolist()
    asks, refuses = (outputs.help > ASKS).tolist(), (outputs.refuse > REFUSES).tolist()
    actions = []
    for k, seen in enumerate(observations):
        whole = _in_world(_still(plans[k]), seen)
        why = CAUSES[cause[k]]
        actions.append(Action(
            car_id=seen.car_id, time_s=seen.time_s, trajectory=whole[best[k]],
            uncertainty=float(doubts[k]), intent=str(why), cause=str(why),
            help=QUESTIONS.get(why, QUESTION) if asks[k] else None,
            refuses=_refusal(why, ORDERS[order[k]]) if refuses[k] and seen.instruction else None,
            ood=float(strange[k]), alternatives=whole, alternative_weights=weights[k],
        ))  # fmt: skip
    return actions


def uncertainty(outputs: Outputs, error_scale: float = 1.0) -> F8:
    """f8[N], 0 to 1: from the error that the network expects of its plan and from how far its modes lie apart."""
    plans, weights = outputs.plans.double().cpu().numpy(), outputs.weights.double().cpu().numpy()
    places = plans[:, :, SPREAD_STEP, :2]
    middle = (weights[..., None] * places).sum(1, keepdims=True)
    spread = np.sqrt((weights * ((places - middle) ** 2).sum(-1)).sum(1))
    metres = error_scale * outputs.error.double().cpu().numpy() + 0.3 * spread
    return np.asarray(metres / (metres + _DOUBT_M), dtype=np.float64)


def strangeness(embedding: Tensor, manifest: Mapping[str, Any]) -> F8:
    """f8[N]: squared Mahalanobis distance of the pictures from all training over the calibrated limit; 0 without one.

    The manifest brings `calibration.ood_scale` and, under `extra`, "ood.mean" f4[D] and "ood.precision" f4[D, D].
    """
    extra, scale = manifest.get("extra") or {}, (manifest.get("calibration") or {}).get("ood_scale")
    if scale is None or "ood.mean" not in extra:
        return np.zeros(len(embedding))
    apart = embedding.float() - extra["ood.mean"].float().to(embedding.device)
    square = (apart @ extra["ood.precision"].float().to(embedding.device) * apart).sum(1) / embedding.shape[1]
    return np.asarray(square.double().cpu().numpy() / float(scale), dtype=np.float64)


@torch.inference_mode()
def explanations(module: Vla2 | Vla1, outputs: Outputs, rows: Sequence[int] | None = None) -> list[str]:
    """In words, of these rows (default: all). VLA 2.0 decodes them now; VLA 1.0 has said them already."""
    latents = outputs.latents if rows is None else outputs.latents[list(rows)]
    said = module.explainer.say(latents) if isinstance(module, Vla2) else latents[..., 0]
    tokens = default_tokenizer()
    return [tokens.text(row) for row in said.tolist()]


def _still(plans: F8) -> F8:
    """Plans f8[K, 20, 4] that never become faster than STILL_MPS stand still."""
    stands = plans[..., 3].max(1) < STILL_MPS
    plans[stands] = 0.0
    return plans


def _in_world(plans: F8, seen: Observation) -> F8:
    ego = seen.ego
    c, s = np.cos(ego.heading_rad), np.sin(ego.heading_rad)
    out = np.empty((len(plans), ACTION_STEPS, 4))
    out[..., 0] = ego.x_m + plans[..., 0] * c - plans[..., 1] * s
    out[..., 1] = ego.y_m + plans[..., 0] * s + plans[..., 1] * c
    out[..., 2] = ego.heading_rad + plans[..., 2]
    out[..., 3] = plans[..., 3]
    return out


def _refusal(cause: Cause, order: str) -> str:
    kind = OrderKind(order) if order else None
    return REFUSALS[kind] if kind in UNSAFE and kind in REFUSALS else REFUSAL
