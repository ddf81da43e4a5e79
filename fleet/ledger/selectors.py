"""Readers of the ledger, by sequence number."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from fleet.ledger.domain import ChainReport, ChainRow, LedgerEvent, verify_chain
from fleet.ledger.models import LedgerEntry, LedgerHead

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _event(entry: LedgerEntry) -> LedgerEvent:
    assert entry.seq is not None
    return LedgerEvent(
        entry.seq, entry.at, entry.kind, entry.subject_type, entry.subject_id, entry.actor, json.loads(entry.body)
    )


def after(seq: int, limit: int = 1000) -> list[LedgerEvent]:
    """The entries that follow `seq`, in order, at most `limit`."""
    return [_event(entry) for entry in LedgerEntry.objects.filter(seq__gt=seq).order_by("seq")[:limit]]


def of_subject(subject_type: str, subject_id: object, limit: int = 200) -> list[LedgerEvent]:
    """The newest entries about one thing, oldest first."""
    rows = LedgerEntry.objects.filter(subject_type=subject_type, subject_id=str(subject_id), seq__isnull=False)
    return [_event(entry) for entry in reversed(rows.order_by("-seq")[:limit])]


def head() -> int:
    """Sequence number of the newest committed entry; 0 for an empty ledger."""
    return LedgerHead.objects.values_list("seq", flat=True).filter(pk=1).first() or 0


def _chain_rows(from_seq: int) -> Iterator[ChainRow]:
    for entry in LedgerEntry.objects.filter(seq__gt=from_seq).order_by("seq").iterator(chunk_size=5000):
        assert entry.seq is not None
        yield ChainRow(
            entry.seq,
            (entry.at - _EPOCH) // timedelta(microseconds=1),
            entry.kind,
            entry.subject_type,
            entry.subject_id,
            entry.actor,
            entry.body,
            entry.prev_hash or "",
            entry.hash or "",
        )


def verify() -> ChainReport:
    """Recompute the whole chain outside the database and compare its end with the recorded head."""
    # Read the head first: entries that commit meanwhile lengthen the walk and do not break it.
    recorded = head()
    report = verify_chain(_chain_rows(0))
    if report.broken_at is None and report.head_seq < recorded:
        return ChainReport(
            report.checked, report.head_seq, report.head_hash, report.head_seq + 1, "the newest entries are missing"
        )
    return report
