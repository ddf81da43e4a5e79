"""Table of quotes."""

from uuid import UUID

from django.db import models

from dispatch.rides.models import Ride
from fleet.base.ids import new_id


class Quote(models.Model):
    """What was promised to one rider until `expires_at`, with the facts that the promise rests on."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ride = models.OneToOneField(Ride, on_delete=models.CASCADE, related_name="quote")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wanted_pickup_lon = models.FloatField()
    wanted_pickup_lat = models.FloatField()
    wanted_dropoff_lon = models.FloatField()
    wanted_dropoff_lat = models.FloatField()
    shortest_walk = models.BooleanField(default=False)  # the rider asked for less walking rather than less time
    pickup_walk_m = models.FloatField()
    pickup_walk_s = models.FloatField()
    dropoff_walk_m = models.FloatField()
    dropoff_walk_s = models.FloatField()
    distance_m = models.FloatField()
    duration_s = models.FloatField()
    line: "models.JSONField[list[list[float]], list[list[float]]]" = models.JSONField()  # [[lon, lat], ...] of the trip
    # None: no free car could come at that moment.
    pickup_eta_s = models.FloatField(null=True)
    odd_version = models.PositiveIntegerField()
    odd_digest = models.CharField(max_length=64)
    tariff = models.JSONField()  # the rates at that moment

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="quote_expires_after_creation"
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="quote_expiry")]
