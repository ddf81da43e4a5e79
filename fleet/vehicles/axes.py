"""What is true of a car beside its state. Each is an axis of its own, never merged into the state."""

from dataclasses import dataclass
from enum import StrEnum


class DriveMode(StrEnum):
    """Who drives. MRM: minimal-risk manoeuvre, MRC: minimal-risk condition."""

    MANUAL = "MANUAL"
    AUTONOMOUS = "AUTONOMOUS"
    REMOTE_ASSISTED = "REMOTE_ASSISTED"
    REMOTE_DRIVEN = "REMOTE_DRIVEN"
    MRM_OPERATING = "MRM_OPERATING"
    MRC_REACHED = "MRC_REACHED"
    MRM_FAILED = "MRM_FAILED"


class Link(StrEnum):
    """online: a session is open; degraded: it closed a moment ago; lost: silent for too long."""

    ONLINE = "online"
    DEGRADED = "degraded"
    LOST = "lost"


class OddStatus(StrEnum):
    INSIDE = "inside"
    NEAR_EDGE = "near_edge"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"


class Holder(StrEnum):
    """Who makes the car stand: nobody, an operator, or the car's own safety layer."""

    NOBODY = ""
    OPERATOR = "operator"
    CAR = "car"


@dataclass(frozen=True, slots=True)
class Axes:
    """Values to set; None leaves one as it is."""

    drive_mode: DriveMode | None = None
    link: Link | None = None
    odd_status: OddStatus | None = None
    software: str | None = None
    held_by: Holder | None = None
    question: str | None = None

    def given(self) -> dict[str, str]:
        pairs = {
            "drive_mode": self.drive_mode,
            "link": self.link,
            "odd_status": self.odd_status,
            "software": self.software,
            "held_by": self.held_by,
            "question": self.question,
        }
        return {name: str(value) for name, value in pairs.items() if value is not None}
