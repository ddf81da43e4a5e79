"""The only writer of stopping places: made from the road network on every import."""

from __future__ import annotations

import logging

from django.contrib.gis.geos import Point
from django.db import transaction

from geofence.roads.domain.network import Network
from geofence.stops.domain.places import stopping_places
from geofence.stops.models import StoppingPlace
from geofence.stops.selectors import driving_side

log = logging.getLogger(__name__)
BATCH = 2_000


@transaction.atomic
def rebuild(network: Network) -> int:
    """Make the stopping places of `network` what its roads say; places that are still there keep their ids.

    Returns how many there are. Called by every import of a city.
    """
    graph, side = network.graph, driving_side()
    places = stopping_places(graph, side=side)
    wanted = {
        (int(edge), round(float(offset) * 100)): k
        for k, (edge, offset) in enumerate(zip(places.edge, places.offset_m, strict=True))
    }
    mine = StoppingPlace.objects.filter(network_id=network.id)
    mine.exclude(map_digest=network.digest, side=side).delete()
    existing = {(edge, cm): id_ for id_, edge, cm in mine.values_list("id", "edge", "offset_cm")}
    mine.filter(id__in=[id_ for key, id_ in existing.items() if key not in wanted]).delete()
    fresh = [
        StoppingPlace(
            network_id=network.id,
            map_digest=network.digest,
            edge=edge,
            offset_cm=cm,
            side=side,
            name=graph.name_of(edge)[:200],
            kerb=Point(float(places.lon[k]), float(places.lat[k]), srid=4326),
        )
        for (edge, cm), k in wanted.items()
        if (edge, cm) not in existing
    ]
    StoppingPlace.objects.bulk_create(fresh, batch_size=BATCH)
    log.info("%d stopping places on %s, %d of them new", len(wanted), network.slug, len(fresh))
    return len(wanted)
