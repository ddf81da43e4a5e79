"""What zones are for, and the life that each of them has."""

from __future__ import annotations

from enum import StrEnum


class ZoneKind(StrEnum):
    """The purpose of an area."""

    SERVICE_AREA = "service_area"  # cars may drive here
    NO_GO = "no_go"  # cars may not drive here
    NO_STOP = "no_stop"  # cars may pass, nobody boards or alights
    SLOW = "slow"  # cars may drive here, no faster than params.max_speed_mps
    DEPOT = "depot"  # where cars park, charge and are cleaned
    EMERGENCY = "emergency"  # like no_go, declared by or for first responders


class ZoneState(StrEnum):
    """draft -> published -> retired; a draft may also be discarded, which deletes it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


#: Kinds inside which a car may not be at all.
FORBIDDING = (ZoneKind.NO_GO, ZoneKind.EMERGENCY)
