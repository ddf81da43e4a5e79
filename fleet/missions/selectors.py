"""Readers of missions."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fleet.missions.domain import INSTRUCTION, MOTION_KINDS, OPEN_STATES
from fleet.missions.models import Command, Mission
from fleet.missions.public import order_row, public_row
from geofence.base.errors import NotFound


def get(mission_id: UUID) -> Mission:
    """Raises NotFound."""
    mission = Mission.objects.filter(pk=mission_id).first()
    if mission is None:
        raise NotFound("There is no such mission.", code="unknown_mission")
    return mission


def open_of(vehicle_id: UUID) -> Mission | None:
    """The car's open mission."""
    return Mission.objects.filter(vehicle_id=vehicle_id, state__in=OPEN_STATES).first()


def snapshot() -> dict[str, dict[str, Any]]:
    """Public rows of the open missions by id, as ledger events patch them."""
    rows = Mission.objects.filter(state__in=OPEN_STATES).defer("legs").order_by("id")
    return {str(mission.pk): public_row(mission) for mission in rows}


def newest_orders(vehicle_id: UUID | None = None) -> dict[str, dict[str, Any]]:
    """The last hold, pull-over or release of each car (or of one) that ever had one, by vehicle, with its outcome."""
    return _newest(MOTION_KINDS, vehicle_id)


def newest_instructions(vehicle_id: UUID | None = None) -> dict[str, dict[str, Any]]:
    """The last instruction to each driver (or to one) that ever had one, by vehicle, with its outcome."""
    return _newest((INSTRUCTION,), vehicle_id)


def _newest(kinds: tuple[str, ...], vehicle_id: UUID | None) -> dict[str, dict[str, Any]]:
    rows = Command.objects.filter(kind__in=kinds).order_by("vehicle_id", "-seq").distinct("vehicle_id")
    if vehicle_id is not None:
        rows = rows.filter(vehicle_id=vehicle_id)
    return {str(command.vehicle_id): order_row(command) for command in rows}


@dataclass(frozen=True, slots=True)
class DrawnLeg:
    """The road to one stop as [[lon, lat], ...]."""

    stop_index: int
    lonlat: list[list[float]]
    distance_m: float
    duration_s: float


def drawn_legs(mission: Mission) -> list[DrawnLeg]:
    """The roads from the present stop on."""
    return [
        DrawnLeg(leg["stop_index"], leg["lonlat"], leg["distance_m"], leg["duration_s"])
        for leg in mission.legs
        if leg["stop_index"] >= mission.stop_index
    ]


def open_roads() -> dict[UUID, list[DrawnLeg]]:
    """What every open mission still has to drive, by mission."""
    return {mission.pk: drawn_legs(mission) for mission in Mission.objects.filter(state__in=OPEN_STATES)}
