"""The only writers of commands: numbered for each car, sent in order, answered one by one.

Two kinds. What belongs to a mission stands until it is answered and is sent again, freshly dated, after every break of
the link. What is for right now (hold, pull over, release, an instruction to the driver) is worthless later and expires.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from autonomy.link.messages import CommandBody, Hold, Instruct, PullOver, Release
from fleet.base import clock, doorbell
from fleet.ledger import services as ledger
from fleet.missions.domain import INSTRUCTION, MOTION_KINDS, PROMPT_KINDS, CommandState, MissionState
from fleet.missions.models import Command, Mission
from fleet.missions.public import order_row
from fleet.missions.wire import body_json, body_message
from fleet.vehicles.models import Vehicle

CHANNEL: Final = "vehicles"  # the doorbell of all gateways; the message is the vehicle's id
_PROMPT: Final = (Hold, PullOver, Release, Instruct)
NO_ANSWER: Final = "no_answer"  # it was sent, and the car said nothing in time; what it says later still counts
ANSWER_GRACE: Final = timedelta(seconds=3)  # for the answer's way back, after the last moment to act on an order


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A command to sign and send now."""

    seq: int
    body: CommandBody
    issued_at_ms: int
    ttl_ms: int
    issuer: str
    reason: str


def issue(*, vehicle: Vehicle, body: CommandBody, actor: str, reason: str, mission: Mission | None = None) -> Command:
    """Number a command for a locked car and ring at the gateways after the commit."""
    prompt = isinstance(body, _PROMPT)
    timing = settings.HANSOM_TIMING
    plain = body_json(body)
    command = Command.objects.create(
        vehicle=vehicle,
        seq=vehicle.next_downlink_seq,
        kind=plain["type"],
        body=plain,
        mission=mission,
        mission_version=mission.version if mission else 0,
        issued_at=clock.now(),
        ttl_ms=int(timing["command_ttl_s" if prompt else "mission_ttl_s"] * 1000),
        issuer=actor,
        reason=reason,
    )
    vehicle.next_downlink_seq += 1
    Vehicle.objects.filter(pk=vehicle.pk).update(next_downlink_seq=vehicle.next_downlink_seq)
    _record(command, "command.issued", actor)
    doorbell.ring(CHANNEL, str(vehicle.pk))
    return command


@transaction.atomic
def take_to_send(*, vehicle: Vehicle, epoch: int, car_downlink_seq: int) -> list[Outgoing]:
    """For a locked car: what this session has to send now, in order; too old orders expire here.

    A command of an earlier session that was not answered is sent again. One that the car has decided on already
    (`seq <= car_downlink_seq`) is not acted on a second time: the car only repeats its answer, which is asked for
    even when the platform had given up waiting.
    """
    decided = Q(state=CommandState.EXPIRED, code=NO_ANSWER, kind__in=PROMPT_KINDS, seq__lte=car_downlink_seq)
    unsettled = Command.objects.filter(_UNSETTLED | decided, vehicle=vehicle)
    outgoing: list[Outgoing] = []
    for command in unsettled.exclude(sent_epoch=epoch).order_by("seq"):
        now = clock.now()
        prompt = command.kind in PROMPT_KINDS
        too_old = prompt and now > command.issued_at + timedelta(milliseconds=command.ttl_ms)
        if too_old and command.seq > car_downlink_seq:
            _settle(command, CommandState.EXPIRED, code="expired")
            _record(command, "command.expired", "gateway")
            continue
        if command.state != CommandState.EXPIRED:
            command.state = CommandState.SENT.value
        command.sent_epoch, command.sent_at = epoch, now
        command.save(update_fields=["state", "sent_epoch", "sent_at"])
        if command.kind == "assign_mission" and command.mission_id:
            Mission.objects.filter(
                pk=command.mission_id, version=command.mission_version, state=MissionState.PLANNED
            ).update(state=MissionState.SENT, updated_at=now)
        dated = command.issued_at if prompt else now
        outgoing.append(
            Outgoing(
                command.seq,
                body_message(command.body),
                clock.unix_ms(dated),
                command.ttl_ms,
                command.issuer,
                command.reason,
            )
        )
    return outgoing


def settle(*, vehicle: Vehicle, seq: int, accepted: bool, code: str, detail: str) -> Command | None:
    """The car's answer to command `seq`; None when it was answered before, no longer matters or never existed."""
    command = _answerable(vehicle).filter(seq=seq).first()
    if command is None:
        return None
    _settle(command, CommandState.ACCEPTED if accepted else CommandState.REFUSED, code=code, detail=detail)
    if not accepted or command.kind in PROMPT_KINDS:  # of missions the ledger tells what came of the command
        _record(command, "command.accepted" if accepted else "command.refused", f"vehicle:{vehicle.pk}")
    return command


def give_up(*, command: Command, actor: str) -> None:
    """Wait no longer for an unsettled command of a locked car. One that it never got can't be obeyed any more."""
    _settle(command, CommandState.EXPIRED, code=NO_ANSWER if command.sent_epoch else "expired")
    _record(command, "command.expired", actor)


def supersede_releases(*, vehicle: Vehicle, actor: str, why: str) -> None:
    """What a locked car answers to earlier releases no longer frees it: there is a newer reason to stand."""
    for command in _answerable(vehicle).filter(kind="release"):
        _settle(command, CommandState.SUPERSEDED, code=why)
        _record(command, "command.superseded", actor)


def unsettled_mission_commands(vehicle_id: UUID) -> bool:
    """Whether something about missions is still on its way to the car."""
    return (
        Command.objects.filter(vehicle_id=vehicle_id, state__in=[CommandState.PENDING, CommandState.SENT])
        .exclude(kind__in=PROMPT_KINDS)
        .exists()
    )


_UNSETTLED: Final = Q(state__in=[CommandState.PENDING, CommandState.SENT])


def _answerable(vehicle: Vehicle) -> "QuerySet[Command]":
    late = Q(state=CommandState.EXPIRED, code=NO_ANSWER)
    return Command.objects.select_for_update(of=("self",)).filter(_UNSETTLED | late, vehicle=vehicle)


def _shown(command: Command) -> dict[str, object]:
    """What the console shows beside the car. An old order's outcome does not hide a newer order, nor an instruction."""
    name, kinds = ("told", (INSTRUCTION,)) if command.kind == INSTRUCTION else ("order", MOTION_KINDS)
    newer = Command.objects.filter(vehicle=command.vehicle_id, seq__gt=command.seq, kind__in=kinds)
    return {name: order_row(command)} if command.kind in kinds and not newer.exists() else {}


def _settle(command: Command, state: CommandState, *, code: str = "", detail: str = "") -> None:
    command.state, command.settled_at = state.value, clock.now()
    command.code, command.detail = code, detail
    command.save(update_fields=["state", "settled_at", "code", "detail"])


def _record(command: Command, kind: str, actor: str) -> None:
    ledger.record(
        kind=kind,
        subject_type="vehicle",
        subject_id=command.vehicle_id,
        actor=actor,
        data={
            "seq": command.seq,
            "command": command.kind,
            "mission_id": str(command.mission_id) if command.mission_id else None,
            "mission_version": command.mission_version,
            "ttl_ms": command.ttl_ms,
            "reason": command.reason,
            "code": command.code,
            **_shown(command),
        },
    )
