"""How lookers and gateways find one another: two kinds of doorbells, over which nothing is kept."""

from typing import Final
from uuid import UUID

WATCH: Final = "watch"  # to all gateways; the message is the id of a car that somebody looks through
RENEW_S: Final = 2.0  # how often a looker says so
LEASE_S: Final = 6.0  # for how long it counts: three sayings, so that a lost one costs nothing


def views_of(vehicle_id: UUID) -> str:
    """The channel on which this car's views come, as JSON frames for the browser."""
    return f"driver:{vehicle_id}"
