"""What stands on a tape."""

import msgspec

from autonomy.world.action import Action, Limits
from autonomy.world.observation import CameraFrames, Observation

FORMAT = 1


class Head(msgspec.Struct, frozen=True, kw_only=True, tag="head"):
    """First entry of every tape."""

    format: int
    car_id: str
    release: str
    platform: str
    map_digest: str
    began_ms: int
    seed: int = 0


class Track(msgspec.Struct, frozen=True, kw_only=True, tag="track"):
    """Where the car was and how it drove; always, once a second. Metres and radians as in observations."""

    time_s: float
    x_m: float
    y_m: float
    heading_rad: float
    speed_mps: float
    cause: str
    uncertainty: float
    ood: float
    mode: str


class Look(msgspec.Struct, frozen=True, kw_only=True, tag="look"):
    """One cycle: what was seen (with pictures), what the policy said, what was driven within which limits. `again`: the
    policy's memory began anew before this look."""

    seen: Observation
    action: Action
    driven: Action
    limits: Limits
    mode: str
    again: bool = False

    @property
    def frames(self) -> CameraFrames | None:
        return self.seen.frames


class Happening(msgspec.Struct, frozen=True, kw_only=True, tag="happening"):
    """An event: kind as in `triggers`, detail for people, weight for the order of hard cases."""

    time_s: float
    kind: str
    detail: str
    weight: float


Entry = Head | Track | Look | Happening
