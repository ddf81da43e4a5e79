"""What goes into a network and what comes out, as tensors; sizes that features, networks and losses share."""

from dataclasses import dataclass

from torch import Tensor

from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import Cause, HazardKind
from autonomy.world.orders import OrderKind

CAUSES = tuple(Cause)
ORDERS = ("", *OrderKind)
HAZARDS = tuple(HazardKind)

_MOTION = (
    "speed",
    "speed_known",
    "steer",
    "limit",
    "stop",
    "stop_near",
    "stop_there",
    "at_kerb",
    "brake_for_stop",
    "side",
)
_ASKED = ("age", "asked", "drive", "hold", "pull_over", "follow", "left", "right", "straight", "turn_round", "stop_cmd")
_TARGETS = ("near_x", "near_y", "far_x", "far_y")
_PLATFORM = ("length", "width", "wheelbase", "front", "accel_max", "brake_max", "steer_max")
SPEED_SCALE = 10.0  # the first number of `ego` is the speed in these units
HIDDEN = (0, 2, 8)  # speed, steer, brake_for_stop: what a driver in training is sometimes not told
_CAMERA = ("x", "y", "z", "yaw", "fov", "horizon")
EGO_NAMES = (
    *_MOTION, *_ASKED, *_TARGETS, *_PLATFORM, *(f"{camera}_{name}" for camera in CAMERA_NAMES for name in _CAMERA)
)  # fmt: skip
EGO_SIZE = len(EGO_NAMES)

# Privileged truths that the latents must be able to tell. Flags are 0 or 1, values about 0 to 1.
FLAGS = (
    "signal_none", "signal_green", "signal_amber", "signal_red", "may_enter", "leader", "walker", "may_leave_kerb",
    "in_box", "night", "fog", "oncoming", "officer_stop", "officer_go", "bus_flashing", "lens_fault",
    *(f"near_{kind}" for kind in HAZARDS),
)  # fmt: skip
VALUES = (
    "line", "leader_gap", "leader_speed", "walker_gap", "left", "visibility", "rain", "hazard_gap", "hazard_left",
    "kerb", "room_left", "curvature",
)  # fmt: skip
AUX_NAMES = (*FLAGS, *VALUES)


@dataclass(slots=True)
class Inputs:
    """pixels u1[B, 5, 3, 64, 128] in the order of CAMERA_NAMES; ego f4[B, EGO_SIZE]; route f4[B, 30, 2] in metres;
    words i8[B, n], n at least 1. For clips every array has [B, T] in front."""

    pixels: Tensor
    ego: Tensor
    route: Tensor
    words: Tensor


@dataclass(slots=True)
class Outputs:
    """What one cycle says. plans f4[B, K, 20, 4]: x, y, heading, speed in the car's own frame, in no
    order: weights f4[B, K] say. cause f4[B, causes], order f4[B, orders]: log-odds; refuse, help f4[B]:
    probabilities; error f4[B]: metres that the plan is expected to be off; aux f4[B, AUX]; latents [B, L, D]: what an
    explanation is decoded from; embedding f4[B, D]: of the picture, for out-of-distribution scores."""

    plans: Tensor
    weights: Tensor
    cause: Tensor
    order: Tensor
    refuse: Tensor
    help: Tensor
    error: Tensor
    aux: Tensor
    latents: Tensor
    embedding: Tensor


def flat_inputs(inputs: Inputs, hide: Tensor | None) -> Inputs:
    """[B, T, ...] as [B * T, ...]; clips of `hide` bool[B] are not told their speed and what tells it."""
    ego = inputs.ego
    if hide is not None:
        ego = ego.clone()
        ego[..., list(HIDDEN)] = ego[..., list(HIDDEN)].masked_fill(hide[:, None, None], 0.0)
        ego[..., 1] = ego[..., 1].masked_fill(hide[:, None], 0.0)
    whole = (inputs.pixels, ego, inputs.route, inputs.words)
    return Inputs(*(part.flatten(0, 1) for part in whole))
