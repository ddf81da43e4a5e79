"""What the driver tells whoever records drives."""

from dataclasses import dataclass
from typing import Protocol

from autonomy.world.action import Action, Limits
from autonomy.world.observation import Observation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the safety layer made of an action: what was driven, and within which bounds; mode: the driving mode."""

    driven: Action
    limits: Limits
    mode: str


class Recorder(Protocol):
    """Called in the loop of the process for each new answer of a car's policy; must not wait for a disk."""

    def frame(self, car_id: str, seen: Observation, action: Action, verdict: Verdict) -> None: ...
