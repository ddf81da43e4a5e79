"""A mission as staff see it: one shape for the console's snapshot and for ledger events."""

from typing import Any

from fleet.missions.domain import CommandState
from fleet.missions.models import Command, Mission


def public_row(mission: Mission) -> dict[str, Any]:
    """Without the drawn road, which is fetched when somebody looks at it."""
    return {
        "vehicle_id": str(mission.vehicle_id),
        "purpose": mission.purpose,
        "purpose_id": str(mission.purpose_id) if mission.purpose_id else None,
        "ride_id": str(mission.purpose_id) if mission.purpose == "ride" else None,
        "version": mission.version,
        "state": mission.state,
        "stop_index": mission.stop_index,
        "at_stop": mission.at_stop,
        "stops": [{key: stop[key] for key in ("stop_index", "kind", "lon", "lat", "name")} for stop in mission.stops],
        "odd_version": mission.odd_version,
    }


def order_row(command: Command) -> dict[str, Any]:
    """An operator's order and what became of it. `outcome`: asked, accepted, refused, expired or superseded.

    Accepted means that the car has said so; that it stands, or drives again, is its state.
    """
    waiting = command.state in (CommandState.PENDING, CommandState.SENT)
    return {
        "seq": command.seq,
        "command": command.kind,
        "outcome": "asked" if waiting else command.state,
        "code": command.code,
        "reason": command.reason,
        "issued_at": command.issued_at.isoformat(),
    }
