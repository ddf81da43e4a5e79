"""Index of the app's tables."""

from geofence.roads.models import MapFeature, RoadEdge, RoadNetwork, SpeedFactor
from geofence.stops.models import StoppingPlace
from geofence.zones.models import OddVersion, Zone

__all__ = ["MapFeature", "OddVersion", "RoadEdge", "RoadNetwork", "SpeedFactor", "StoppingPlace", "Zone"]
