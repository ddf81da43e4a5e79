"""What a driving policy sees and says: observations, actions, frames of reference. No Django, no torch."""

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action, Limits
from autonomy.world.observation import (
    CameraFrames,
    Directive,
    EgoState,
    JunctionAhead,
    LeaderAhead,
    NavigationCommand,
    Observation,
    Signal,
    StopAhead,
)
from autonomy.world.place import RoadPosition

__all__ = [
    "ACTION_STEPS",
    "ACTION_STEP_S",
    "Action",
    "CameraFrames",
    "Directive",
    "EgoState",
    "JunctionAhead",
    "LeaderAhead",
    "Limits",
    "NavigationCommand",
    "Observation",
    "RoadPosition",
    "Signal",
    "StopAhead",
]
