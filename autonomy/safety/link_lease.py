"""The lease on the link: how long without a frame until the car holds it for lost, and for how long it may drive on."""

from dataclasses import dataclass
from enum import StrEnum


class LinkStatus(StrEnum):
    ONLINE = "online"
    DEGRADED = "degraded"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LinkLease:
    """After `lease_s` of silence no new leg is begun; after `drive_on_s` more the car stops where it safely can."""

    lease_s: float = 10.0
    drive_on_s: float = 300.0

    def status(self, silent_s: float) -> LinkStatus:
        if silent_s <= self.lease_s / 2:
            return LinkStatus.ONLINE
        return LinkStatus.DEGRADED if silent_s <= self.lease_s else LinkStatus.LOST

    def may_begin_leg(self, silent_s: float) -> bool:
        return silent_s <= self.lease_s

    def must_stop(self, silent_s: float) -> bool:
        return silent_s > self.lease_s + self.drive_on_s
