"""Missions and orders as the messages that go to the car."""

from typing import Any

import msgspec

from autonomy.link.messages import AssignMission, CancelMission, CommandBody, LegSpec, StopSpec
from fleet.missions.models import Mission
from geofence.base.errors import Unprocessable

# The signed text may have 60,000 characters; quoting and the envelope take the rest.
MAX_BODY_BYTES = 50_000


def assign_message(mission: Mission, *, previous_id: str | None, previous_version: int) -> AssignMission:
    """The stops still to be served, the next one first, each with its leg."""
    return AssignMission(
        mission_id=str(mission.pk),
        version=mission.version,
        previous_mission_id=previous_id,
        previous_version=previous_version,
        purpose=mission.purpose,
        map_digest=mission.map_digest,
        odd_version=mission.odd_version,
        stops=[_stop(stop) for stop in mission.stops if stop["stop_index"] >= mission.stop_index],
        legs=[_leg(leg) for leg in mission.legs if leg["stop_index"] >= mission.stop_index],
    )


def cancel_message(mission: Mission) -> CancelMission:
    return CancelMission(mission_id=str(mission.pk), version=mission.version)


def body_json(body: CommandBody) -> dict[str, Any]:
    """Plain JSON for the command table. Raises Unprocessable `mission_too_large` when no frame could carry it."""
    size = len(msgspec.json.encode(body))
    if size > MAX_BODY_BYTES:
        raise Unprocessable("mission_too_large", f"The mission takes {size} bytes; at most {MAX_BODY_BYTES} fit.")
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain


def body_message(plain: dict[str, Any]) -> CommandBody:
    """The message in a row of the command table. Raises msgspec.ValidationError for what is none."""
    message: CommandBody = msgspec.convert(plain, CommandBody)
    return message


def _stop(stop: dict[str, Any]) -> StopSpec:
    return StopSpec(
        stop_index=stop["stop_index"],
        kind=stop["kind"],
        lon=stop["lon"],
        lat=stop["lat"],
        edge=stop["edge"],
        offset_m=stop["offset_m"],
        wait_for_proceed=stop["wait_for_proceed"],
        dwell_s=stop["dwell_s"],
    )


def _leg(leg: dict[str, Any]) -> LegSpec:
    return LegSpec(
        stop_index=leg["stop_index"],
        edges=leg["edges"],
        start_offset_m=leg["start_offset_m"],
        end_offset_m=leg["end_offset_m"],
        distance_m=leg["distance_m"],
        duration_s=leg["duration_s"],
        speed_caps=[(index, cap_mps) for index, cap_mps in leg.get("speed_caps", ())],
    )
