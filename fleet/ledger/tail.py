"""Following the ledger from a socket process: the doorbell wakes, the database tells."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async

from fleet.base import doorbell
from fleet.ledger import selectors
from fleet.ledger.domain import LedgerEvent
from fleet.ledger.services import CHANNEL

BATCH = 500


async def follow(from_seq: int, *, every_s: float = 1.0) -> AsyncIterator[list[LedgerEvent]]:
    """Yield every entry after `from_seq`, in order and without gaps, in batches as they are committed; never ends."""
    read = sync_to_async(selectors.after, thread_sensitive=True)
    seq = from_seq
    async for _ in doorbell.listen([CHANNEL], every_s=every_s):
        while batch := await read(seq, BATCH):
            seq = batch[-1].seq
            yield batch
            if len(batch) < BATCH:
                break
