"""Who wants to know of a zone's changes says so here; geofence itself knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from geofence.zones.selectors import ZoneRow

Action = Literal["drafted", "edited", "discarded", "published", "retired"]


@dataclass(frozen=True)
class ZoneChange:
    """One zone changed. `zone` is its form after the change (before it, when discarded); `version` and
    `version_digest` are those of the version that the change made, where it made one."""

    action: Action
    zone: ZoneRow
    by: str
    at: datetime
    version: int | None = None
    version_digest: str | None = None
    note: str = ""


Listener = Callable[[ZoneChange], None]
_listeners: list[Listener] = []


def on_change(callback: Listener) -> Listener:
    """Have `callback` called inside the transaction of every change; what it raises undoes the change.

    Registering the same callback again changes nothing. Returns `callback`.
    """
    if callback not in _listeners:
        _listeners.append(callback)
    return callback


def off_change(callback: Listener) -> None:
    """Undo `on_change`."""
    if callback in _listeners:
        _listeners.remove(callback)


def announce(change: ZoneChange) -> None:
    """Tell every listener of `change`."""
    for listener in tuple(_listeners):
        listener(change)
