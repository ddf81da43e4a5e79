"""The dispatcher's lease: one holder at a time, and a fence against those who were it before.

Times are the database's own, so that clocks of machines need not agree. The epoch rises with each new holder; every
commit of a dispatcher checks its epoch under a lock that makes a take-over wait, so that a dispatcher that was paused
and outlived its lease can't commit any more.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from dispatch.assignments.models import DispatcherLease

AREA = "default"


@dataclass(frozen=True, slots=True)
class Fence:
    """Proof of holding the lease of `area`, as long as the epoch is still this one."""

    area: str
    holder: str
    epoch: int

    @property
    def actor(self) -> str:
        """The holder's name in the ledger."""
        return f"dispatcher:{self.holder}"


class LeaseLost(Exception):
    """Somebody else dispatches by now."""


def _one(sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def acquire(*, holder: str, lease_s: float, area: str = AREA) -> Fence | None:
    """Take the lease when nobody has it or its holder has not renewed it in time; None when it is held."""
    _one(
        "INSERT INTO dispatch_dispatcherlease (area, holder, epoch, expires_at, report) "
        "VALUES (%s, '', 0, to_timestamp(0), '{}') ON CONFLICT (area) DO NOTHING RETURNING 1",
        [area],
    )
    row = _one(
        "UPDATE dispatch_dispatcherlease SET holder = %s, epoch = epoch + 1, "
        "expires_at = clock_timestamp() + make_interval(secs => %s) "
        "WHERE area = %s AND expires_at < clock_timestamp() RETURNING epoch",
        [holder, lease_s, area],
    )
    return Fence(area, holder, int(row[0])) if row else None


def renew(fence: Fence, *, lease_s: float) -> None:
    """Prolong the lease, also one that has run out while nobody else took it. Raises LeaseLost."""
    row = _one(
        "UPDATE dispatch_dispatcherlease SET expires_at = clock_timestamp() + make_interval(secs => %s) "
        "WHERE area = %s AND epoch = %s RETURNING epoch",
        [lease_s, fence.area, fence.epoch],
    )
    if row is None:
        raise LeaseLost(f"epoch {fence.epoch} is over")


def check(fence: Fence) -> None:
    """Raise LeaseLost unless the epoch is the present one; holds off a take-over until the transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("a fence is checked in the transaction that it guards")
    row = _one(
        "SELECT epoch FROM dispatch_dispatcherlease WHERE area = %s AND epoch = %s FOR SHARE", [fence.area, fence.epoch]
    )
    if row is None:
        raise LeaseLost(f"epoch {fence.epoch} is over")


def release(fence: Fence) -> None:
    """Give the lease back, so that the next dispatcher need not wait for it to run out."""
    DispatcherLease.objects.filter(area=fence.area, epoch=fence.epoch).update(expires_at="1970-01-01T00:00:00Z")


def report(fence: Fence, figures: dict[str, Any]) -> None:
    """Note what the last tick did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dispatch_dispatcherlease SET ticked_at = clock_timestamp(), report = %s "
            "WHERE area = %s AND epoch = %s",
            [json.dumps(figures), fence.area, fence.epoch],
        )
