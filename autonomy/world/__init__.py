"""What a driving policy sees and says: observations, actions, frames of reference. No Django, no torch."""

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action, Limits
from autonomy.world.camera import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH, Camera
from autonomy.world.observation import (
    ROUTE_POINTS,
    ROUTE_SPACING_M,
    CameraFrames,
    Cause,
    Directive,
    EgoState,
    Hazard,
    HazardKind,
    JunctionAhead,
    LeaderAhead,
    NavigationCommand,
    Observation,
    Signal,
    StopAhead,
)
from autonomy.world.orders import UNSAFE, Order, OrderKind
from autonomy.world.place import RoadPosition
from autonomy.world.scene import Bodies, BodyKind, LensFault, Lights, Scene, SignalHeads, Weather

__all__ = [
    "ACTION_STEPS",
    "ACTION_STEP_S",
    "CAMERA_NAMES",
    "FRAME_HEIGHT",
    "FRAME_WIDTH",
    "ROUTE_POINTS",
    "ROUTE_SPACING_M",
    "UNSAFE",
    "Action",
    "Bodies",
    "BodyKind",
    "Camera",
    "CameraFrames",
    "Cause",
    "Directive",
    "EgoState",
    "Hazard",
    "HazardKind",
    "JunctionAhead",
    "LeaderAhead",
    "LensFault",
    "Lights",
    "Limits",
    "NavigationCommand",
    "Observation",
    "Order",
    "OrderKind",
    "RoadPosition",
    "Scene",
    "Signal",
    "SignalHeads",
    "StopAhead",
    "Weather",
]
