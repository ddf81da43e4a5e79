"""The only writer of the ledger."""

import json
from typing import Any

from django.db import connection, transaction

from fleet.base import clock, doorbell
from fleet.ledger.models import LedgerEntry

CHANNEL = "ledger"


def record(*, kind: str, subject_type: str, subject_id: object, actor: str, data: dict[str, Any]) -> None:
    """Add an entry to the caller's transaction; it gets its place in the chain when that commits.

    `data` must be plain JSON: ids and times as text. Raises RuntimeError outside a transaction, because an event
    without its state change, or the reverse, must not be possible.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"ledger entry {kind} outside a transaction")
    LedgerEntry.objects.create(
        at=clock.now(),
        kind=kind,
        subject_type=subject_type,
        subject_id=str(subject_id),
        actor=actor,
        body=json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False),
    )
    transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    doorbell.ring_now(CHANNEL)
