"""What both sides of a session share."""

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """Where the connection stands. Both sides go forwards only."""

    OPENING = "opening"  # platform: challenge sent; car: waiting for it
    PROVING = "proving"  # hello seen (platform) or sent (car), not yet welcome
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True)
class SessionLimits:
    """Times in seconds. After `lease_s` without a frame the link is lost; `window` caps unacknowledged events."""

    heartbeat_s: float = 2.0
    lease_s: float = 10.0
    handshake_s: float = 5.0
    window: int = 64


@dataclass(frozen=True)
class Ended:
    """The session is over. `retry_after_s`: not before then; None: never again with this identity and software."""

    code: str
    detail: str
    retry_after_s: float | None = 0.0


class Pulse:
    """When something was last heard and last said, in seconds of a monotonic clock."""

    def __init__(self, now_s: float, limits: SessionLimits) -> None:
        self.heartbeat_s = limits.heartbeat_s
        self.lease_s = limits.lease_s
        self.deadline_s = now_s + limits.handshake_s
        self.heard_s = now_s
        self.said_s = now_s

    def heartbeat_due(self, now_s: float) -> bool:
        return now_s - self.said_s >= self.heartbeat_s

    def overdue(self, phase: Phase, now_s: float) -> Ended | None:
        """Why the session must end by now, if it must."""
        if phase in (Phase.OPENING, Phase.PROVING) and now_s > self.deadline_s:
            return Ended("handshake_timeout", "the opening was not finished in time")
        if phase is Phase.OPEN and now_s - self.heard_s > self.lease_s:
            return Ended("silent", f"nothing heard for {now_s - self.heard_s:.1f} s")
        return None
