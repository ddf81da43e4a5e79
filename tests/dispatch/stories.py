"""Small steps and looks that stories of rides share."""

from typing import Any
from uuid import UUID

from dispatch.rides.models import Ride
from geofence.zones import services as zones


def square(lon: float, lat: float, half_deg: float) -> dict[str, Any]:
    w, e, s, n = lon - half_deg, lon + half_deg, lat - half_deg, lat + half_deg
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def close_area(kind: str, name: str, lon: float, lat: float, half_deg: float = 0.0012) -> None:
    zone = zones.draft(kind=kind, name=name, geometry=square(lon, lat, half_deg), by="test", params={})
    zones.publish(zone_ids=[zone.id], by="test", note="test")


def state_of(ride_id: UUID) -> str:
    return Ride.objects.values_list("state", flat=True).get(pk=ride_id)
