"""Answers of the operational design domain, with their reasons and places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Reason(StrEnum):
    """Why a car may not be, or stop, somewhere."""

    NO_SERVICE_AREA = "no_service_area"  # nothing is published: nowhere is inside
    UNKNOWN_POSITION = "unknown_position"  # not a finite position
    OUTSIDE_SERVICE_AREA = "outside_service_area"
    NO_GO = "no_go"
    EMERGENCY = "emergency"
    NO_STOP = "no_stop"


SENTENCES = {
    Reason.NO_SERVICE_AREA: "No service area is published.",
    Reason.UNKNOWN_POSITION: "The position is not known.",
    Reason.OUTSIDE_SERVICE_AREA: "It is outside the service area.",
    Reason.NO_GO: "It is in a no-go zone.",
    Reason.EMERGENCY: "It is in an area closed for an emergency.",
    Reason.NO_STOP: "Stopping is not allowed there.",
}


@dataclass(frozen=True)
class Verdict:
    """The answer for one point: allowed, or why not and by which zone."""

    allowed: bool
    reason: Reason | None = None
    zone_id: UUID | None = None
    zone_name: str = ""


@dataclass(frozen=True)
class Violation:
    """A stretch of a route that is not allowed: from `from_m` to `to_m` metres along it, beginning at lon, lat."""

    reason: Reason
    zone_id: UUID | None
    zone_name: str
    lon: float
    lat: float
    from_m: float
    to_m: float

    def as_json(self) -> dict[str, Any]:
        """Return the public form."""
        return {
            "reason": self.reason.value,
            "detail": SENTENCES[self.reason],
            "zone_id": str(self.zone_id) if self.zone_id else None,
            "zone_name": self.zone_name,
            "lon": self.lon,
            "lat": self.lat,
            "from_m": round(self.from_m, 1),
            "to_m": round(self.to_m, 1),
        }


@dataclass(frozen=True)
class RouteVerdict:
    """The answer for a whole route under one version of the domain; violations in the order of driving."""

    allowed: bool
    version: int
    digest: str
    violations: tuple[Violation, ...] = ()
