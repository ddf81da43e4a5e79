"""Table of depots."""

from uuid import UUID

from django.db import models

from fleet.base.ids import new_id


class Depot(models.Model):
    """A place where cars park and charge: `bays` places, at a kerb or gate given in WGS84 degrees."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    lon = models.FloatField()
    lat = models.FloatField()
    bays = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="depot_on_earth"
            ),
        ]
