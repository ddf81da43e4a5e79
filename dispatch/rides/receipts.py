"""Writing receipts: claimed row by row, so that a killed worker loses nothing and two workers never write one twice."""

from django.db import transaction

from dispatch.rides.models import Receipt
from fleet.base import clock
from fleet.ledger import services as ledger

ACTOR = "receipts"


@transaction.atomic
def issue_one() -> bool:
    """Issue the receipt that waits longest; False when none waits. Rows that another worker holds are passed over."""
    receipt = (
        Receipt.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("ride")
        .filter(issued_at__isnull=True)
        .order_by("due_at")
        .first()
    )
    if receipt is None:
        return False
    ride = receipt.ride
    at = clock.now()
    receipt.issued_at = at
    receipt.number = f"{at:%Y%m%d}-{ride.id.hex[-12:].upper()}"
    receipt.amount_minor, receipt.currency, receipt.lines = ride.price_minor, ride.currency, ride.price_parts
    receipt.save(update_fields=["issued_at", "number", "amount_minor", "currency", "lines"])
    ledger.record(
        kind="receipt.issued",
        subject_type="ride",
        subject_id=ride.id,
        actor=ACTOR,
        data={"number": receipt.number, "amount_minor": ride.price_minor, "currency": ride.currency},
    )
    return True


def issue_waiting(limit: int = 500) -> int:
    """Issue up to `limit` receipts, each in its own transaction; returns how many."""
    for issued in range(limit):
        if not issue_one():
            return issued
    return limit
