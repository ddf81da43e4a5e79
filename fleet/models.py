"""Index of the app's tables."""

from fleet.access.models import User
from fleet.base.models import IdempotencyRecord
from fleet.depots.models import Depot
from fleet.ledger.models import LedgerEntry, LedgerHead
from fleet.missions.models import Command, Mission
from fleet.telemetry.models import TelemetrySample, VehicleStatus
from fleet.vehicles.models import Vehicle

__all__ = [
    "Command",
    "Depot",
    "IdempotencyRecord",
    "LedgerEntry",
    "LedgerHead",
    "Mission",
    "TelemetrySample",
    "User",
    "Vehicle",
    "VehicleStatus",
]
