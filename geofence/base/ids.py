"""Identifiers that sort by the time of their making and tell an outsider nothing else (UUID version 7, RFC 9562)."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a fresh UUIDv7."""
    return uuid7()
