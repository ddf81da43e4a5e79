"""Table of vehicles."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import models

from fleet.base.ids import new_id
from fleet.vehicles.axes import DriveMode, Holder, Link, OddStatus
from fleet.vehicles.domain import VehicleState


def _one_of(name: str, field: str, values: type[StrEnum]) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": [value.value for value in values]}), name=name)


class Vehicle(models.Model):
    """One car: what it is, its state, the axes beside the state, and where both streams of its link stand."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plate = models.CharField(max_length=16, unique=True)
    vin = models.CharField(max_length=17, unique=True)
    platform = models.SlugField(max_length=60, db_index=False)
    seats = models.PositiveSmallIntegerField()
    wheelchair_accessible = models.BooleanField(default=False)
    public_key = models.CharField(max_length=44, unique=True)  # base64 of 32 bytes, Ed25519
    home_depot = models.ForeignKey("fleet.Depot", null=True, on_delete=models.SET_NULL, related_name="vehicles")
    created_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(max_length=32, default=VehicleState.REMOVED_DEPOT.value)
    state_since = models.DateTimeField()
    state_version = models.PositiveIntegerField(default=1)
    # While non_contactable: the state to which it comes back, as far as the platform knows. Else empty.
    resume_state = models.CharField(max_length=32, blank=True, default="")

    drive_mode = models.CharField(max_length=16, default=DriveMode.AUTONOMOUS.value)
    link = models.CharField(max_length=8, default=Link.LOST.value)
    odd_status = models.CharField(max_length=9, default=OddStatus.UNKNOWN.value)
    software = models.CharField(max_length=200, blank=True, default="")
    held_by = models.CharField(max_length=8, blank=True, default=Holder.NOBODY.value)

    question = models.CharField(max_length=200, blank=True, default="")  # what its driver asks of a person, if anything

    session_epoch = models.BigIntegerField(default=0)  # rises with every session; an older one is fenced
    session_opened_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    boot_id = models.CharField(max_length=64, blank=True, default="")
    map_digest = models.CharField(max_length=200, blank=True, default="")
    uplink_seq = models.BigIntegerField(default=0)  # newest event stored
    next_downlink_seq = models.BigIntegerField(default=1)  # number of the next command

    class Meta:
        constraints = [
            _one_of("vehicle_state_known", "state", VehicleState),
            _one_of("vehicle_drive_mode_known", "drive_mode", DriveMode),
            _one_of("vehicle_link_known", "link", Link),
            _one_of("vehicle_odd_status_known", "odd_status", OddStatus),
            _one_of("vehicle_holder_known", "held_by", Holder),
            models.CheckConstraint(
                condition=models.Q(state=VehicleState.NON_CONTACTABLE.value) & ~models.Q(resume_state="")
                | ~models.Q(state=VehicleState.NON_CONTACTABLE.value) & models.Q(resume_state=""),
                name="vehicle_resume_state_while_silent",
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="vehicle_has_seats"),
        ]
