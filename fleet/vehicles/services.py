"""The only writers of vehicles. Each writes its ledger event in the same transaction; vehicles are locked first of all
rows (before missions, before rides), so that two writers never wait for one another in a circle.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from fleet.base import clock
from fleet.base.ids import new_id
from fleet.ledger import services as ledger
from fleet.vehicles.axes import Axes, Link
from fleet.vehicles.domain import VehicleEvent, VehicleState, may, mds_state
from fleet.vehicles.models import Vehicle
from fleet.vehicles.moves import LOSE_CONTACT, Move, Path, agreed_state, back_to
from fleet.vehicles.public import public_row
from geofence.base.errors import Conflict, NotFound, Refusal


@transaction.atomic
def register(
    *,
    plate: str,
    vin: str,
    platform: str,
    seats: int,
    public_key: str,
    actor: str,
    wheelchair_accessible: bool = False,
    home_depot_id: UUID | None = None,
    vehicle_id: UUID | None = None,
) -> Vehicle:
    """Take a car into the fleet; it begins in its depot, out of service. Raises Conflict `vehicle_exists`."""
    vehicle = Vehicle(
        id=vehicle_id or new_id(),
        plate=plate,
        vin=vin,
        platform=platform,
        seats=seats,
        public_key=public_key,
        wheelchair_accessible=wheelchair_accessible,
        home_depot_id=home_depot_id,
        state_since=clock.now(),
    )
    try:
        with transaction.atomic():
            vehicle.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("vehicle_exists", "A vehicle with this id, plate, VIN or key exists.") from error
    _record(vehicle, "vehicle.registered", actor, public_row(vehicle))
    return vehicle


def lock(*, vehicle_id: UUID) -> Vehicle:
    """The row, locked until the caller's transaction ends. Take it before any mission or ride. Raises NotFound."""
    vehicle = Vehicle.objects.select_for_update(of=("self",)).filter(pk=vehicle_id).first()
    if vehicle is None:
        raise NotFound("There is no such vehicle.", code="unknown_vehicle", field="vehicle_id")
    return vehicle


@transaction.atomic
def transition(
    *,
    vehicle_id: UUID,
    from_states: Collection[VehicleState],
    to: VehicleState,
    event: VehicleEvent | None,
    actor: str,
    reason: str,
    data: dict[str, Any] | None = None,
) -> Vehicle:
    """One step through the table, guarded: only from one of `from_states`, exactly one row.

    Raises ValueError when the table has no such step (a bug of the caller), NotFound, and Conflict `vehicle_state`
    when the car is in another state by now.
    """
    for source in from_states:
        if not may(source, to, event):
            raise ValueError(f"no transition {source} -> {to} by {event}")
    vehicle = lock(vehicle_id=vehicle_id)
    if vehicle.state not in from_states:
        raise state_conflict(vehicle)
    _step(vehicle, to, event, actor=actor, reason=reason, data=data or {})
    return vehicle


def state_conflict(vehicle: Vehicle) -> Conflict:
    return Conflict("vehicle_state", f"The vehicle is {vehicle.state}.", extra={"state": vehicle.state})


@transaction.atomic
def move(
    *, vehicle: Vehicle, by: Move, actor: str, reason: str, data: dict[str, Any] | None = None
) -> tuple[VehicleState, ...]:
    """Take a locked car through a move; returns the states that it went through, none where it stays.

    A silent car's state stays `non_contactable`; the move changes to what it comes back. Raises Conflict
    `vehicle_state` when the move can't happen now.
    """
    path = by.path(standing(vehicle))
    if path is None:
        raise state_conflict(vehicle)
    return follow(vehicle=vehicle, path=path, actor=actor, reason=reason, data=data)


@transaction.atomic
def follow(
    *, vehicle: Vehicle, path: Path, actor: str, reason: str, data: dict[str, Any] | None = None
) -> tuple[VehicleState, ...]:
    """Take a locked car through the steps of a path that starts where it stands."""
    if path and vehicle.state == VehicleState.NON_CONTACTABLE and path[0][1] is not VehicleEvent.COMMS_RESTORED:
        return _follow_in_silence(vehicle, path, actor=actor, reason=reason)
    for target, event in path:
        _step(vehicle, target, event, actor=actor, reason=reason, data=data or {})
    return tuple(target for target, _ in path)


def standing(vehicle: Vehicle) -> VehicleState:
    """The state, or for a silent car the one to which it comes back."""
    return VehicleState(vehicle.resume_state or vehicle.state)


@transaction.atomic
def set_axes(*, vehicle: Vehicle, axes: Axes, actor: str, reason: str) -> bool:
    """Set the axes that differ on a locked car; False when none does."""
    changed = {name: value for name, value in axes.given().items() if getattr(vehicle, name) != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(vehicle, name, value)
    Vehicle.objects.filter(pk=vehicle.pk).update(**changed)
    _record(vehicle, "vehicle.axes_changed", actor, {**changed, "reason": reason})
    return True


@transaction.atomic
def lose_contact(*, vehicle: Vehicle, actor: str, reason: str) -> None:
    """Mark a locked car as silent: link lost and, where the table knows it, `non_contactable`."""
    set_axes(vehicle=vehicle, axes=Axes(link=Link.LOST), actor=actor, reason=reason)
    if LOSE_CONTACT.path(VehicleState(vehicle.state)):
        move(vehicle=vehicle, by=LOSE_CONTACT, actor=actor, reason=reason)


@transaction.atomic
def restore_contact(*, vehicle: Vehicle, reported_state: str, actor: str, software: str | None = None) -> None:
    """A locked car speaks again: link online, and from silence back to the state on which both sides agree."""
    set_axes(vehicle=vehicle, axes=Axes(link=Link.ONLINE, software=software), actor=actor, reason="connected")
    if vehicle.state == VehicleState.NON_CONTACTABLE:
        target = agreed_state(VehicleState(vehicle.resume_state), reported_state)
        follow(
            vehicle=vehicle,
            path=back_to(target),
            actor=actor,
            reason="contact restored",
            data={"reported": reported_state},
        )


# When a car was last heard: its newest frame, the opening of its session (with a minute's grace for its first report),
# or, for one that never had a link, the moment it was put into service.
_SILENT = """
SELECT v.id FROM fleet_vehicle v LEFT JOIN fleet_vehiclestatus s ON s.vehicle_id = v.id
WHERE v.state <> 'non_contactable'
  AND (v.link <> 'lost' OR v.state LIKE ANY (ARRAY['available.%%', 'reserved.%%', 'stopped.%%', 'on_trip.%%']))
  AND COALESCE(
        GREATEST(
            s.heard_at,
            v.session_opened_at + CASE WHEN s.heard_at IS NULL THEN interval '60 s' ELSE interval '0' END,
            CASE WHEN v.link = 'lost' THEN v.state_since END
        ),
        v.state_since
      ) < %s
"""


def sweep_silent(now: datetime) -> list[UUID]:
    """Find the cars not heard for `silent_s` and mark them; each in its own transaction. Returns their ids.

    Called by a loop that lives apart from the gateway, so that the gateway's own death is noticed too.
    """
    deadline = now.timestamp() - settings.HANSOM_TIMING["silent_s"]
    before = datetime.fromtimestamp(deadline, tz=now.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(_SILENT, [before])
        found = [row[0] for row in cursor.fetchall()]
    return [vehicle_id for vehicle_id in found if _mark_silent(vehicle_id, before)]


@transaction.atomic
def _mark_silent(vehicle_id: UUID, before: datetime) -> bool:
    vehicle = lock(vehicle_id=vehicle_id)
    with connection.cursor() as cursor:  # again, now that nobody else can change it
        cursor.execute(_SILENT + " AND v.id = %s", [before, vehicle_id])
        if cursor.fetchone() is None:
            return False
    lose_contact(vehicle=vehicle, actor="watchdog", reason="silent")
    return True


def _step(
    vehicle: Vehicle,
    to: VehicleState,
    event: VehicleEvent | None,
    *,
    actor: str,
    reason: str,
    data: dict[str, Any],
) -> None:
    source = VehicleState(vehicle.state)
    if not may(source, to, event):
        raise ValueError(f"no transition {source} -> {to} by {event}")
    now = clock.now()
    resume = source.value if to is VehicleState.NON_CONTACTABLE else ""
    updated = Vehicle.objects.filter(pk=vehicle.pk, state=source.value, state_version=vehicle.state_version).update(
        state=to.value, state_since=now, state_version=F("state_version") + 1, resume_state=resume
    )
    if updated != 1:
        raise Conflict("vehicle_state", "The vehicle's state has changed meanwhile.")
    vehicle.state, vehicle.state_since, vehicle.resume_state = to.value, now, resume
    vehicle.state_version += 1
    told = {
        "from": source.value,
        "to": to.value,
        "event": event.value if event else None,
        "state": to.value,
        "mds_state": mds_state(to).value,
        "state_since": now.isoformat(),
        "reason": reason,
    }
    _record(vehicle, "vehicle.state_changed", actor, {**data, **told})


def _follow_in_silence(vehicle: Vehicle, path: Path, *, actor: str, reason: str) -> tuple[VehicleState, ...]:
    source = vehicle.resume_state
    for target, event in path:
        if not may(VehicleState(vehicle.resume_state), target, event):
            raise ValueError(f"no transition {vehicle.resume_state} -> {target} by {event}")
        vehicle.resume_state = target.value
    Vehicle.objects.filter(pk=vehicle.pk).update(resume_state=vehicle.resume_state)
    told = {"from": source, "to": vehicle.resume_state, "reason": reason}
    _record(vehicle, "vehicle.resume_state_changed", actor, told)
    return tuple(target for target, _ in path)


def _record(vehicle: Vehicle, kind: str, actor: str, data: dict[str, Any]) -> None:
    ledger.record(kind=kind, subject_type="vehicle", subject_id=vehicle.pk, actor=actor, data=data)


def require_reason(reason: str) -> str:
    """Orders need a reason of 3 to 200 printable characters; raises Refusal."""
    text = reason.strip()
    if not 3 <= len(text) <= 200 or not text.isprintable():
        raise Refusal("invalid", "Give a reason of 3 to 200 printable characters.", field="reason")
    return text
