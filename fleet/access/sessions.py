"""Sessions of long-lived sockets."""

from typing import Any


def forget_cached(session: Any) -> None:
    """Make the next look at the session ask the database: whoever signed out, was blocked or lost a role shows."""
    if hasattr(session, "_session_cache"):
        delattr(session, "_session_cache")
