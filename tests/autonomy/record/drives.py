"""Drives made by hand: looks of one car, five a second, with pictures of noise."""

from dataclasses import replace
from typing import Any

import numpy as np

from autonomy.policy.rules import RulesPolicy
from autonomy.record.drives import Judged
from autonomy.world import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH, Action, CameraFrames, Limits, Observation
from tests.autonomy.policy.sights import seen

CAR = "car-1"


def sight(number: int, **changes: Any) -> Observation:
    """The look `number` of a drive at 5 Hz; pictures of noise drawn from the number."""
    at = 100.0 + 0.2 * number
    noise = np.random.default_rng(number).integers(0, 256, (5, 3, FRAME_HEIGHT, FRAME_WIDTH), dtype=np.uint8)
    plain = seen(8.0, car_id=CAR, time_s=at, frames=CameraFrames(noise, CAMERA_NAMES, at), platform="p7")
    return replace(plain, **changes)


def said(observation: Observation, **changes: Any) -> Action:
    return replace(RulesPolicy().act([observation])[0], **changes)


def verdict(action: Action, mode: str = "AUTONOMOUS") -> Judged:
    return Judged(action, Limits(speed_max_mps=15.0), mode)
