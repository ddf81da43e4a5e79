"""Readers of depots."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from fleet.depots.models import Depot


@dataclass(frozen=True, slots=True)
class DepotRow:
    id: UUID
    name: str
    lon: float
    lat: float
    bays: int
    cars_at_home: int


def all_depots() -> list[DepotRow]:
    """Every depot with the number of cars that live there."""
    rows = Depot.objects.annotate(cars=Count("vehicles")).order_by("name")
    return [DepotRow(depot.pk, depot.name, depot.lon, depot.lat, depot.bays, depot.cars) for depot in rows]
