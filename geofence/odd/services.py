"""Writing the operational design domain to where the cars read it."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from geofence.odd import selectors
from geofence.odd.export import odd_file
from geofence.roads.domain.mapfile import write_atomically
from geofence.roads.domain.network import Network
from geofence.roads.selectors import network as active_network
from geofence.roads.selectors import network_or_none
from geofence.zones.changes import ZoneChange

log = logging.getLogger("hansom.odd")
FILE = "odd.json"


def export_odd(out: Path, *, network: Network | None = None) -> int:
    """Write the version in force for the active network (or `network`) to `out`; returns its number.

    Raises `NoNetwork` when no city has been imported, and OSError.
    """
    odd = selectors.current()
    found = network or active_network()
    write_atomically(out, odd_file(odd, found.graph, timezone.now().timestamp()))
    return odd.version


def when_zones_change(change: ZoneChange) -> None:
    """After a version has been committed the cars' file follows."""
    if change.version is not None:
        transaction.on_commit(_refresh)


def when_map_changes(_network: Network) -> None:
    """The masks are those of one map, so a new map needs new ones."""
    transaction.on_commit(_refresh)


def _refresh() -> None:
    """A version is in force whether its file could be written or not."""
    try:
        network = network_or_none()
        if network is not None:
            export_odd(Path(settings.HANSOM_MAP_DIR) / FILE, network=network)
    except Exception:
        log.exception("the cars' file of the operational design domain could not be written")
