"""A mission as staff see it: one shape for the console's snapshot and for ledger events."""

from typing import Any

from fleet.missions.models import Mission


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
