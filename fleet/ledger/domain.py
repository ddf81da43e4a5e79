"""The chain: each entry's hash covers its content and the hash before it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One entry. `seq` rises by one from 1 in the order of commits, without gaps."""

    seq: int
    at: datetime
    kind: str
    subject_type: str
    subject_id: str
    actor: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChainRow:
    """What the hash is made of. `body` is the canonical JSON text as stored, `at_us` Unix microseconds."""

    seq: int
    at_us: int
    kind: str
    subject_type: str
    subject_id: str
    actor: str
    body: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the first sequence number whose entry does not fit, with the reason; None when all fit."""

    checked: int
    head_seq: int
    head_hash: str
    broken_at: int | None = None
    reason: str = ""


def entry_hash(row: ChainRow) -> str:
    """SHA-256 over the fields joined by the ASCII unit separator, as the database trigger computes it."""
    fields = (
        row.prev_hash,
        str(row.seq),
        str(row.at_us),
        row.kind,
        row.subject_type,
        row.subject_id,
        row.actor,
        row.body,
    )
    return hashlib.sha256("\x1f".join(fields).encode()).hexdigest()


def verify_chain(rows: Iterable[ChainRow], *, seq: int = 0, prev_hash: str = GENESIS) -> ChainReport:
    """Walk the rows in order, starting after entry `seq` whose hash is `prev_hash`."""
    checked = 0
    for row in rows:
        reason = ""
        if row.seq != seq + 1:
            reason = f"entry {seq + 1} is missing"
        elif row.prev_hash != prev_hash:
            reason = "does not follow the entry before it"
        elif row.hash != entry_hash(row):
            reason = "content does not match its hash"
        if reason:
            return ChainReport(checked, seq, prev_hash, broken_at=seq + 1, reason=reason)
        seq, prev_hash, checked = row.seq, row.hash, checked + 1
    return ChainReport(checked, seq, prev_hash)
