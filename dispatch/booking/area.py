"""The service area as riders' maps draw it."""

from typing import Any

from shapely.geometry import mapping

from geofence.odd import selectors as odd
from geofence.roads import selectors as roads
from geofence.zones.domain.kinds import FORBIDDING, ZoneKind

SHOWN = (ZoneKind.SERVICE_AREA, *FORBIDDING)


def service_area() -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the areas in force, with `odd_version`, and the map's `bbox` if there is one."""
    domain, network = odd.current(), roads.network_or_none()
    features = [
        {
            "type": "Feature",
            "id": str(area.zone_id),
            "properties": {"kind": area.kind.value, "name": area.name},
            "geometry": mapping(area.polygon),
        }
        for area in domain.areas
        if area.kind in SHOWN
    ]
    found: dict[str, Any] = {"type": "FeatureCollection", "odd_version": domain.version, "features": features}
    return {**found, "bbox": list(network.bbox), "city": network.name} if network else found
