"""Rides on the operators' console: their rows, and how a ledger event changes them."""

from dispatch.rides.domain.public import patch_of
from dispatch.rides.selectors import board
from dispatch.rides.services import ETA_KIND, LEDGER_KIND
from fleet.console import snapshot
from fleet.console.snapshot import Patch
from fleet.ledger.domain import LedgerEvent


def patch(event: LedgerEvent) -> Patch:
    """What a ride's event changes on the map."""
    if event.kind not in (LEDGER_KIND, ETA_KIND):
        return {}
    changed = patch_of(event.subject_id, event.data)
    return {"rides": changed} if changed else {}


def install() -> None:
    """Show rides on the console. Called once when the process starts."""
    snapshot.register("rides", board, patch)
