"""Who looked: each look through a car's cameras is in the ledger, from its beginning."""

from uuid import UUID

from django.db import transaction

from fleet.ledger import services as ledger
from fleet.vehicles import selectors as vehicles


@transaction.atomic
def opened(*, vehicle_id: UUID, actor: str) -> None:
    """Write it down before the first picture is asked for. Raises NotFound for a car that is none."""
    vehicles.get(vehicle_id)
    ledger.record(
        kind="vehicle.cameras_opened",
        subject_type="vehicle",
        subject_id=vehicle_id,
        actor=actor,
        data={},
    )


@transaction.atomic
def closed(*, vehicle_id: UUID, actor: str, seconds: float, pictures: int) -> None:
    """How long the look took and how many views came."""
    ledger.record(
        kind="vehicle.cameras_closed",
        subject_type="vehicle",
        subject_id=vehicle_id,
        actor=actor,
        data={
            "seconds": round(seconds, 1),
            "pictures": pictures,
            "detail": f"after {round(seconds)} s, {pictures} views",
        },
    )
