"""Missions as pure values: their states, what they are for, and how they are planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import Any, Final, Literal

from geofence.roads.domain.router import Route

StopKind = Literal["pickup", "dropoff", "waypoint", "park"]


class MissionState(StrEnum):
    PLANNED = "planned"  # recorded, not yet on the wire
    SENT = "sent"
    ACCEPTED = "accepted"
    ACTIVE = "active"  # the car has reported a first stop
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # by the car
    FAILED = "failed"  # the car can't go on


OPEN_STATES: Final = (MissionState.PLANNED, MissionState.SENT, MissionState.ACCEPTED, MissionState.ACTIVE)
NEXT_STATES: Final[Mapping[MissionState, frozenset[MissionState]]] = {
    MissionState.PLANNED: frozenset(MissionState) - {MissionState.PLANNED},
    MissionState.SENT: frozenset(MissionState) - {MissionState.SENT},
    # A replaced mission is planned again, under the next version.
    MissionState.ACCEPTED: frozenset(MissionState) - {MissionState.ACCEPTED, MissionState.SENT},
    MissionState.ACTIVE: frozenset(MissionState) - {MissionState.ACTIVE, MissionState.ACCEPTED, MissionState.SENT},
    MissionState.COMPLETED: frozenset(),
    MissionState.CANCELLED: frozenset(),
    MissionState.REFUSED: frozenset(),
    MissionState.FAILED: frozenset(),
}


MAX_REASON: Final = 200


def reason_of(what: str, said_by_car: str) -> str:
    """Why, in the car's words, cut to what is stored and what goes over the wire."""
    return f"{what} {said_by_car}"[:MAX_REASON]


class Purpose(StrEnum):
    RIDE = "ride"
    REPOSITION = "reposition"
    PARK = "park"
    CHARGE = "charge"


class CommandState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # by the car
    EXPIRED = "expired"  # too old to be sent
    SUPERSEDED = "superseded"  # what it says no longer matters


# What makes a car stand or go right now: worthless later.
MOTION_KINDS: Final = ("hold", "pull_over", "release")
# Worthless later: they expire by their TTL and are never sent again in a newer session.
INSTRUCTION: Final = "instruct"
PROMPT_KINDS: Final = (*MOTION_KINDS, INSTRUCTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """Where the car is to stop, on edge `edge` of the map, `offset_m` along it; and in WGS84 degrees."""

    kind: StopKind
    lon: float
    lat: float
    edge: int
    offset_m: float
    name: str = ""
    wait_for_proceed: bool = False
    dwell_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """The road to one stop, with the operational design domain under which the whole of it was allowed.

    `speed_caps`: where a slow zone asks for less than the map does, as (index in `route.edges`, m/s), rising.
    """

    route: Route
    odd_version: int
    odd_digest: str
    map_digest: str
    speed_caps: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The open mission that the planner saw on the car; assigning compares it with the truth."""

    mission_id: str
    version: int


def stop_json(index: int, stop: PlannedStop) -> dict[str, Any]:
    return {
        "stop_index": index,
        "kind": stop.kind,
        "lon": stop.lon,
        "lat": stop.lat,
        "edge": stop.edge,
        "offset_m": stop.offset_m,
        "name": stop.name,
        "wait_for_proceed": stop.wait_for_proceed,
        "dwell_s": stop.dwell_s,
    }


def leg_json(index: int, leg: PlannedLeg) -> dict[str, Any]:
    """`lonlat` is the drawn line, [[lon, lat], ...] to the centimetre."""
    route = leg.route
    return {
        "stop_index": index,
        "edges": [int(edge) for edge in route.edges],
        "start_offset_m": float(route.start_offset_m),
        "end_offset_m": float(route.end_offset_m),
        "distance_m": float(route.distance_m),
        "duration_s": float(route.duration_s),
        "lonlat": [[round(float(lon), 7), round(float(lat), 7)] for lon, lat in route.lonlat],
        # Rounded down: a cap is never told higher than it is.
        "speed_caps": [[int(index), floor(100 * cap_mps) / 100] for index, cap_mps in leg.speed_caps],
        "odd_version": leg.odd_version,
        "odd_digest": leg.odd_digest,
    }
