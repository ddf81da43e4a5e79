"""Tables of assignments and of the dispatcher's lease."""

from uuid import UUID

from django.db import models

from dispatch.rides.models import Ride
from fleet.base.ids import new_id


class Assignment(models.Model):
    """One car sent to one ride. Active until `ended_at`; a ride and a car have one active assignment at most."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ride = models.ForeignKey(Ride, on_delete=models.PROTECT, related_name="assignments")
    vehicle = models.ForeignKey("fleet.Vehicle", on_delete=models.PROTECT, related_name="assignments")
    mission = models.ForeignKey("fleet.Mission", on_delete=models.PROTECT, related_name="assignments")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    rescue = models.BooleanField(default=False)  # the rider comes out of another car
    epoch = models.PositiveBigIntegerField()  # of the lease under which it was committed
    approach_s = models.FloatField()
    approach_m = models.FloatField()
    trip_s = models.FloatField()
    trip_m = models.FloatField()
    odd_version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ride"], condition=models.Q(ended_at__isnull=True), name="assignment_one_active_per_ride"
            ),
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(ended_at__isnull=True), name="assignment_one_active_per_vehicle"
            ),
        ]


class DispatcherLease(models.Model):
    """Who dispatches a service area. The epoch rises with every change of holder and fences the earlier ones."""

    area = models.CharField(max_length=60, primary_key=True)
    holder = models.CharField(max_length=80, blank=True)
    epoch = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()
    # What the last tick did, for the operators' page and for health checks.
    ticked_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)
