"""A vehicle as staff see it: one shape for the console's snapshot and for ledger events."""

from typing import Any

from fleet.vehicles.domain import VehicleState, mds_state
from fleet.vehicles.models import Vehicle


def public_row(vehicle: Vehicle) -> dict[str, Any]:
    """What staff see of a vehicle, as in ledger events and in the console's snapshot."""
    return {
        "plate": vehicle.plate,
        "platform": vehicle.platform,
        "seats": vehicle.seats,
        "wheelchair_accessible": vehicle.wheelchair_accessible,
        "state": vehicle.state,
        "mds_state": mds_state(VehicleState(vehicle.state)).value,
        "state_since": vehicle.state_since.isoformat(),
        "drive_mode": vehicle.drive_mode,
        "link": vehicle.link,
        "odd_status": vehicle.odd_status,
        "software": vehicle.software,
        "held_by": vehicle.held_by,
        "question": vehicle.question,
    }
