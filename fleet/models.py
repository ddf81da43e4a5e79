"""Index of the app's tables."""

from fleet.access.models import User
from fleet.base.models import IdempotencyRecord
from fleet.ledger.models import LedgerEntry, LedgerHead

__all__ = ["IdempotencyRecord", "LedgerEntry", "LedgerHead", "User"]
