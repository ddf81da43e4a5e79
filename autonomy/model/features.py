"""From observations to arrays, and from a network's answer to actions: one place, used by training and by driving.

What a network is given: pictures, its own speed and steering, the navigation's line with its error, the distance to
the ordered stop with the same error, the limit here, the directive, the command, target points, the instruction and
how old it is, and its platform. Everything else of an observation is privileged and appears in `targets` only.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autonomy.language import vocabulary
from autonomy.model.inputs import EGO_NAMES, SPEED_SCALE, Inputs
from autonomy.model.tokenizer import Tokenizer
from autonomy.sim.platforms import PLATFORMS, Platform
from autonomy.world.camera import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH
from autonomy.world.observation import ROUTE_STOP_MAX_M, Directive, NavigationCommand, Observation

F4 = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]
WORDS, SAID = 24, 14
_FRAME = (len(CAMERA_NAMES), 3, FRAME_HEIGHT, FRAME_WIDTH)
_DIRECTIVES, _COMMANDS = tuple(Directive), tuple(NavigationCommand)


@lru_cache(maxsize=1)
def default_tokenizer() -> Tokenizer:
    """Of the language that people and the driver share."""
    return Tokenizer(vocabulary())


def encode(observations: Sequence[Observation], tokenizer: Tokenizer | None = None, *, words: int = WORDS) -> Arrays:
    """ego f4[N, EGO_SIZE], route f4[N, 30, 2], words i8[N, words], and pixels u1[N, 5, 3, 64, 128] when every
    observation has its pictures. Raises ValueError for pictures of another shape or order of cameras."""
    tokens = tokenizer or default_tokenizer()
    out: Arrays = {
        "ego": np.array([_ego(seen) for seen in observations], dtype=np.float32).reshape(-1, len(EGO_NAMES)),
        "route": np.array([seen.route for seen in observations], dtype=np.float32),
        "words": np.array([tokens.instruction(seen.instruction, words) for seen in observations], dtype=np.int64),
    }
    if observations and all(seen.frames is not None for seen in observations):
        out["pixels"] = np.stack([_pixels(seen) for seen in observations])
    return out


def to_inputs(arrays: Arrays) -> Inputs:
    """The arrays of `encode` as a network takes them; words are cut to the longest instruction."""
    longest = max(int((arrays["words"] != 0).sum(-1).max(initial=1)), 1)
    return Inputs(
        torch.from_numpy(arrays["pixels"]),
        torch.from_numpy(arrays["ego"]),
        torch.from_numpy(arrays["route"]),
        torch.from_numpy(np.ascontiguousarray(arrays["words"][..., :longest])),
    )


def _pixels(seen: Observation) -> NDArray[np.uint8]:
    assert seen.frames is not None
    if seen.frames.names != CAMERA_NAMES:
        raise ValueError(f"frames: cameras {seen.frames.names}, must be {CAMERA_NAMES}")
    if seen.frames.pixels.shape != _FRAME or seen.frames.pixels.dtype != np.uint8:
        raise ValueError(f"frames: {seen.frames.pixels.dtype}{seen.frames.pixels.shape}, must be uint8{_FRAME}")
    return seen.frames.pixels


def _ego(seen: Observation) -> list[float]:
    ego, stop = seen.ego, min(seen.route_stop_m, ROUTE_STOP_MAX_M)
    ordered = seen.stop is not None and stop < ROUTE_STOP_MAX_M
    braking = ego.speed_mps**2 / (2.0 * max(stop, 1.0)) if ordered else 0.0
    asked = bool(seen.instruction)
    age = min(max(seen.time_s - seen.instructed_s, 0.0), 10.0) / 10.0 if asked else 0.0
    return [
        ego.speed_mps / SPEED_SCALE, 1.0, ego.steer_rad / 0.3, float(seen.path[0, 4]) / SPEED_SCALE,
        stop / ROUTE_STOP_MAX_M, min(stop, 10.0) / 10.0, float(ordered),
        float(ordered and seen.stop is not None and seen.stop.at_kerb), min(braking, 6.0) / 3.0, seen.side,
        age, float(asked),
        *(float(seen.directive is one) for one in _DIRECTIVES), *(float(seen.navigation is one) for one in _COMMANDS),
        *(seen.target_points.ravel() / 50.0).tolist(),
        *_platform(seen.platform, ego.front_m, ego.width_m, ego.accel_max_mps2, ego.brake_max_mps2),
    ]  # fmt: skip


@lru_cache(maxsize=256)
def _platform(slug: str, front_m: float, width_m: float, accel_mps2: float, brake_mps2: float) -> tuple[float, ...]:
    """The car's own measures; the first platform's cameras and wheelbase where the name is not known."""
    known: Platform = PLATFORMS.get(slug) or next(iter(PLATFORMS.values()))
    own = (
        known.length_m / 5.0, width_m / 2.0, known.wheelbase_m / 3.0, front_m / 4.0, accel_mps2 / 3.0,
        brake_mps2 / 8.0, known.steer_max_rad / 0.6,
    )  # fmt: skip
    eyes = (
        (eye.x_m / 3.0, eye.y_m, eye.z_m / 1.5, eye.yaw_rad / 3.0, eye.fov_rad / 1.5, eye.horizon)
        for eye in known.cameras
    )
    return (*own, *(number for eye in eyes for number in eye))
