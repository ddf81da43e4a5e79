"""The wall clock, read in one place so that a story can be told with another."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time of day, UTC-aware."""
    return datetime.now(UTC)


def unix_ms(at: datetime) -> int:
    """Unix milliseconds of an aware datetime."""
    return int(at.timestamp() * 1000)


def from_unix_ms(ms: int) -> datetime:
    """The UTC-aware datetime of Unix milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)
