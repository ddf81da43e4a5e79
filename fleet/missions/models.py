"""Tables of missions and of the commands that carry them to the cars."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from fleet.base.ids import new_id
from fleet.missions.domain import OPEN_STATES, CommandState, MissionState, Purpose
from fleet.vehicles.models import Vehicle


class Mission(models.Model):
    """Ordered stops with the road to each. A change gives the next `version`; a car has one open mission at most."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="missions")
    purpose = models.CharField(max_length=16)
    purpose_id: "models.UUIDField[UUID | None, UUID | None]" = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=16, default=MissionState.PLANNED.value)
    stop_index = models.PositiveIntegerField(default=0)  # the next stop, or the one at which the car stands
    at_stop = models.BooleanField(default=False)
    stops: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField()
    legs: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField()
    odd_version = models.PositiveIntegerField()
    odd_digest = models.CharField(max_length=64)
    map_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle"],
                condition=models.Q(state__in=[state.value for state in OPEN_STATES]),
                name="mission_one_open_per_vehicle",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in MissionState]), name="mission_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=[purpose.value for purpose in Purpose]), name="mission_purpose_known"
            ),
            models.CheckConstraint(
                condition=models.Q(purpose="ride", purpose_id__isnull=False) | ~models.Q(purpose="ride"),
                name="mission_of_a_ride_names_it",
            ),
        ]
        indexes = [models.Index(fields=["purpose", "purpose_id"], name="mission_by_purpose")]


class Command(models.Model):
    """One order to one car, numbered per car from 1. `body` is the wire message; it is signed when it is sent."""

    id = models.BigAutoField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="commands", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=24)
    body: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    mission = models.ForeignKey(Mission, null=True, on_delete=models.PROTECT, related_name="commands")
    mission_version = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField()
    ttl_ms = models.PositiveIntegerField()
    issuer = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default=CommandState.PENDING.value)
    sent_epoch = models.BigIntegerField(default=0)  # the session in which it was sent; 0: not yet
    sent_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    settled_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    code = models.CharField(max_length=200, blank=True, default="")
    detail = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "seq"], name="command_numbered_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in CommandState]), name="command_state_known"
            ),
        ]
        indexes = [
            # For the gateway: what is still to be sent or to be answered.
            models.Index(
                fields=["vehicle", "seq"], condition=models.Q(state__in=["pending", "sent"]), name="command_unsettled"
            ),
        ]
