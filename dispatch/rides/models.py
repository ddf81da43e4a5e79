"""Tables of rides and of their receipts."""

from uuid import UUID

from django.conf import settings
from django.db import models

from dispatch.rides.domain.machine import OPEN, WITH_CAR, RideState
from fleet.base.ids import new_id


class Ride(models.Model):
    """One ride, born with its quote. Only `rides.services.move` changes `state`."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rides")
    state = models.CharField(max_length=16, default=RideState.QUOTED)
    state_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)  # counts changes, for compare-and-set

    pickup_stop_id = models.UUIDField(null=True)  # None: a rescue, where no legal place is near
    pickup_lon = models.FloatField()
    pickup_lat = models.FloatField()
    pickup_name = models.CharField(max_length=200, blank=True)
    pickup_edge = models.PositiveIntegerField()
    pickup_offset_m = models.FloatField()
    dropoff_stop_id = models.UUIDField()
    dropoff_lon = models.FloatField()
    dropoff_lat = models.FloatField()
    dropoff_name = models.CharField(max_length=200, blank=True)
    dropoff_edge = models.PositiveIntegerField()
    dropoff_offset_m = models.FloatField()
    map_digest = models.CharField(max_length=64)  # the map whose edges these are

    seats = models.PositiveSmallIntegerField()
    wheelchair = models.BooleanField(default=False)
    price_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    price_parts = models.JSONField(default=list)  # [{"code", "amount_minor"}]: what the price is made of

    # The car that serves, or that served last.
    vehicle = models.ForeignKey("fleet.Vehicle", null=True, on_delete=models.PROTECT, related_name="rides")
    requested_at = models.DateTimeField(null=True)
    # Since when a car is wanted: booking, or the loss of the last car.
    wanting_since = models.DateTimeField(null=True)
    pickup_eta_at = models.DateTimeField(null=True)
    dropoff_eta_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    end_note = models.CharField(max_length=200, blank=True)
    # When the rider pressed start; the car leaves when it has got the order.
    start_asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in RideState]), name="ride_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(state.value for state in WITH_CAR))
                | models.Q(vehicle__isnull=False),
                name="ride_with_car_has_vehicle",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(state.value for state in OPEN))
                | models.Q(requested_at__isnull=False),
                name="ride_open_was_requested",
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="ride_has_seats"),
        ]
        indexes = [
            models.Index(
                fields=["state", "wanting_since"],
                name="ride_open",
                condition=models.Q(state__in=sorted(state.value for state in OPEN)),
            ),
            models.Index(fields=["rider", "-id"], name="ride_of_rider"),
        ]


class Receipt(models.Model):
    """The bill of a completed ride: one, whatever happens to the worker that writes it."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ride = models.OneToOneField(Ride, on_delete=models.PROTECT, related_name="receipt")
    # Set with the ride's end; the row waits for a worker until `issued_at` is set.
    due_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001 (null until issued)
    amount_minor = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    lines = models.JSONField(default=list)  # the ride's price parts

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(issued_at__isnull=True) | models.Q(number__isnull=False, amount_minor__isnull=False),
                name="receipt_issued_is_whole",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="receipt_waiting", condition=models.Q(issued_at__isnull=True)),
        ]
