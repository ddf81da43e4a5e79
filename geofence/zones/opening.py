"""Opening a city: a service area around all of its roads."""

from __future__ import annotations

from django.db import transaction

from geofence.base.errors import Refusal
from geofence.roads.domain.network import Network
from geofence.zones import services
from geofence.zones.domain.geometry import to_geojson
from geofence.zones.domain.hull import around
from geofence.zones.domain.kinds import ZoneKind, ZoneState
from geofence.zones.selectors import ZoneRow, zone, zones

MARGIN_RANGE_M = (1.0, 5_000.0)


@transaction.atomic
def publish_service_area_for_network(
    *, network: Network, by: str, margin_m: float = 80.0, note: str = ""
) -> tuple[ZoneRow, bool]:
    """Publish a service area around all roads of `network`; returns it and whether anything changed.

    A published area of the same name is left as it is when it is the same, and replaced in one version otherwise.
    Raises `Refusal` for a margin outside 1 m to 5 km.
    """
    if not MARGIN_RANGE_M[0] <= margin_m <= MARGIN_RANGE_M[1]:
        raise Refusal("margin_out_of_range", "A margin lies between 1 and 5000 metres.", field="margin_m")
    name = f"{network.name} service area"[:120]
    geometry = to_geojson(around(network.graph, margin_m=margin_m))
    mine = [z for z in zones(states=[ZoneState.PUBLISHED], kinds=[ZoneKind.SERVICE_AREA]) if z.name == name]
    for row in mine:
        if row.geometry == geometry:
            return row, False
    replaces = mine[0].id if mine else None
    drawn = services.draft(kind=ZoneKind.SERVICE_AREA, name=name, geometry=geometry, by=by, replaces=replaces)
    services.publish(zone_ids=[drawn.id], by=by, note=note or f"Opening of {network.name}"[:1000])
    return zone(drawn.id), True
