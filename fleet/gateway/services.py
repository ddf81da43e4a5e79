"""What the gateway writes, each in one transaction under the car's lock and inside its session's epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from autonomy.link.messages import CommandAck, Event, Hello
from fleet.access.domain import actor_of_vehicle
from fleet.base import clock, doorbell
from fleet.ledger import services as ledger
from fleet.missions import commands, uplink
from fleet.missions.commands import CHANNEL, Outgoing
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, Link
from fleet.vehicles.domain import VehicleState
from fleet.vehicles.models import Vehicle
from geofence.base.errors import NotFound, Refusal

OLDEST_EVENT = timedelta(days=7)


class Fenced(Exception):
    """A newer session of the same car, of boot `boot_id`, has opened; this one may do nothing any more."""

    def __init__(self, boot_id: str = "") -> None:
        super().__init__("a newer session is open")
        self.boot_id = boot_id


@dataclass(frozen=True, slots=True)
class Known:
    """What a hello is checked against."""

    vehicle_id: UUID
    public_key: str
    decommissioned: bool


@dataclass(frozen=True, slots=True)
class SessionOpened:
    epoch: int
    uplink_seq: int
    opened_at: datetime


def look_up(vehicle_id: str) -> Known | None:
    """The car that a hello names; None: there is none."""
    try:
        key = UUID(vehicle_id)
    except ValueError:
        return None
    row = Vehicle.objects.filter(pk=key).values_list("public_key", "state").first()
    return Known(key, row[0], row[1] == VehicleState.REMOVED_DECOMMISSIONED) if row else None


@transaction.atomic
def open_session(*, vehicle_id: UUID, hello: Hello) -> SessionOpened:
    """Take the next epoch for an authentic hello, which ends every earlier session, and bring the car back online."""
    vehicle = vehicles.lock(vehicle_id=vehicle_id)
    now, actor = clock.now(), actor_of_vehicle(vehicle_id)
    lease = timedelta(seconds=settings.HANSOM_TIMING["silent_s"])
    opened_lately = vehicle.session_opened_at is not None and now - vehicle.session_opened_at < lease
    clone = bool(vehicle.boot_id) and vehicle.boot_id != hello.boot_id and vehicle.link == Link.ONLINE
    vehicle.session_epoch += 1
    vehicle.session_opened_at, vehicle.boot_id = now, hello.boot_id
    vehicle.map_digest = hello.map_digest
    # A car that counts further than the platform has been told of commands that a restored database has forgotten.
    vehicle.next_downlink_seq = max(vehicle.next_downlink_seq, hello.downlink_seq + 1)
    vehicle.save(update_fields=["session_epoch", "session_opened_at", "boot_id", "map_digest", "next_downlink_seq"])
    told = {"epoch": vehicle.session_epoch, "boot_id": hello.boot_id, "reported": hello.reported_state}
    told |= {"map_digest": hello.map_digest, "again": opened_lately}
    ledger.record(kind="vehicle.connected", subject_type="vehicle", subject_id=vehicle_id, actor=actor, data=told)
    if clone:
        # Another process with the same key while the first one's session is still open: a clone, or a car that was
        # started twice. People must look; the older session is fenced either way.
        ledger.record(
            kind="vehicle.clone_suspected", subject_type="vehicle", subject_id=vehicle_id, actor="gateway", data=told
        )
    software = hello.software or None
    vehicles.restore_contact(vehicle=vehicle, reported_state=hello.reported_state, actor=actor, software=software)
    doorbell.ring(CHANNEL, str(vehicle_id))
    return SessionOpened(vehicle.session_epoch, vehicle.uplink_seq, now)


@transaction.atomic
def store_event(*, vehicle_id: UUID, epoch: int, event: Event, skip_effect: str = "") -> int:
    """Store an event with its effect, once; returns the newest number stored.

    `skip_effect` says why an event that failed again and again is passed over. Raises Fenced.
    """
    vehicle = _locked(vehicle_id, epoch)
    if event.seq <= vehicle.uplink_seq:
        return vehicle.uplink_seq
    if event.seq != vehicle.uplink_seq + 1:
        raise ValueError(f"event {event.seq} after {vehicle.uplink_seq}")
    if skip_effect:
        _note_event(vehicle, event, "vehicle.event_quarantined", skip_effect)
    else:
        try:
            with transaction.atomic():
                uplink.take_event(vehicle=vehicle, body=event.body, at=_time_of(event))
        except (uplink.Ignored, Refusal) as reason:
            _note_event(vehicle, event, "vehicle.event_ignored", str(reason))
    Vehicle.objects.filter(pk=vehicle_id).update(uplink_seq=event.seq)
    return event.seq


@transaction.atomic
def store_ack(*, vehicle_id: UUID, epoch: int, ack: CommandAck) -> None:
    """Raises Fenced."""
    uplink.take_ack(vehicle=_locked(vehicle_id, epoch), ack=ack)


@transaction.atomic
def reconcile(*, vehicle_id: UUID, epoch: int, hello: Hello) -> None:
    """Once the events that the car had announced are stored. Raises Fenced."""
    uplink.reconcile(
        vehicle=_locked(vehicle_id, epoch), car_mission_id=hello.mission_id, car_version=hello.mission_version
    )


@transaction.atomic
def take_commands(*, vehicle_id: UUID, epoch: int, car_downlink_seq: int) -> list[Outgoing]:
    """What this session has to send now. Raises Fenced."""
    vehicle = _locked(vehicle_id, epoch)
    return commands.take_to_send(vehicle=vehicle, epoch=epoch, car_downlink_seq=car_downlink_seq)


@transaction.atomic
def close_session(*, vehicle_id: UUID, epoch: int, reason: str) -> None:
    """The connection is gone. The car has until the end of its lease to come back before it counts as silent."""
    vehicle = vehicles.lock(vehicle_id=vehicle_id)
    if vehicle.session_epoch == epoch and vehicle.link == Link.ONLINE:
        vehicles.set_axes(vehicle=vehicle, axes=Axes(link=Link.DEGRADED), actor="gateway", reason=reason)


@transaction.atomic
def speaks_again(*, vehicle_id: UUID, epoch: int) -> None:
    """An open session whose car was taken for silent, say because the database stood still for a while."""
    try:
        vehicle = _locked(vehicle_id, epoch)
    except Fenced:
        return
    if vehicle.link != Link.ONLINE:
        vehicles.restore_contact(vehicle=vehicle, reported_state="", actor=actor_of_vehicle(vehicle_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sessions of one gateway stand: which are fenced (with the boot that took over), have commands waiting,
    or were taken for silent."""

    fenced: dict[UUID, str]
    waiting: set[UUID]
    silent: set[UUID]


def standing(sessions: Mapping[UUID, int]) -> Standing:
    """{vehicle: epoch} of the caller's open sessions against the record, in two queries."""
    ids = list(sessions)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, session_epoch, boot_id, link FROM fleet_vehicle WHERE id = ANY(%s)", [ids])
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT DISTINCT vehicle_id FROM fleet_command WHERE state = 'pending' AND vehicle_id = ANY(%s)", [ids]
        )
        waiting = {row[0] for row in cursor.fetchall()}
    fenced = {key: boot for key, epoch, boot, _ in rows if epoch > sessions[key]}
    silent = {key for key, epoch, _, link in rows if epoch == sessions[key] and link != Link.ONLINE}
    return Standing(fenced, waiting, silent)


def _locked(vehicle_id: UUID, epoch: int) -> Vehicle:
    try:
        vehicle = vehicles.lock(vehicle_id=vehicle_id)
    except NotFound as error:
        raise Fenced() from error
    if vehicle.session_epoch != epoch:
        raise Fenced(vehicle.boot_id)
    return vehicle


def _time_of(event: Event) -> datetime:
    """When it happened by the car's clock, kept within what is possible."""
    now = clock.now()
    age_ms = clock.unix_ms(now) - event.at_ms
    return now - min(max(timedelta(0), timedelta(milliseconds=min(age_ms, 10**12))), OLDEST_EVENT)


def _note_event(vehicle: Vehicle, event: Event, kind: str, reason: str) -> None:
    ledger.record(
        kind=kind,
        subject_type="vehicle",
        subject_id=vehicle.pk,
        actor=actor_of_vehicle(vehicle.pk),
        data={"seq": event.seq, "event": type(event.body).__name__, "reason": reason[:300]},
    )
