"""Index of the app's tables."""

from geofence.stops.models import StoppingPlace
from geofence.zones.models import OddVersion, Zone

__all__ = ["OddVersion", "StoppingPlace", "Zone"]
