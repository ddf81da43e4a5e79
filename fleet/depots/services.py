"""The only writers of depots."""

from django.db import IntegrityError, transaction

from fleet.depots.models import Depot
from fleet.ledger import services as ledger
from geofence.base.errors import Conflict, Refusal


@transaction.atomic
def depot_create(*, name: str, lon: float, lat: float, bays: int, actor: str) -> Depot:
    """Add a depot at a place in WGS84 degrees. Raises Refusal and Conflict `depot_exists`."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refusal("invalid", "Longitude and latitude are in degrees.", field="lon")
    if bays < 1:
        raise Refusal("invalid", "A depot has at least one bay.", field="bays")
    try:
        with transaction.atomic():
            depot = Depot.objects.create(name=name, lon=lon, lat=lat, bays=bays)
    except IntegrityError as error:
        raise Conflict("depot_exists", "A depot has this name.", field="name") from error
    data = {"name": name, "lon": lon, "lat": lat, "bays": bays}
    ledger.record(kind="depot.created", subject_type="depot", subject_id=depot.pk, actor=actor, data=data)
    return depot
