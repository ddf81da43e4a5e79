"""What the clock does to commands that cars do not answer. Called by the dispatcher's loop, which lives apart from the
gateway: one transaction for each car, under its lock."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from fleet.missions import commands
from fleet.missions.closing import ON_BOARD, open_mission, settle_hold
from fleet.missions.domain import PROMPT_KINDS, CommandState
from fleet.missions.models import Command
from fleet.missions.uplink import fail
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, Holder
from fleet.vehicles.domain import VehicleState

ACTOR = "watchdog"
_RIDER_INSIDE = ON_BOARD | {VehicleState.STOPPED_BOARDING}

# A car that is to be heard and yet says nothing to what it was sent in this session. That it was heard so much later
# than the command was sent shows that not the gateway stood still.
_MUTE = """
SELECT c.id, c.vehicle_id FROM fleet_command c
JOIN fleet_vehicle v ON v.id = c.vehicle_id
JOIN fleet_vehiclestatus s ON s.vehicle_id = v.id
WHERE c.state = 'sent' AND NOT c.kind = ANY(%s) AND v.link = 'online' AND c.sent_epoch = v.session_epoch
  AND c.sent_at < %s AND s.heard_at - c.sent_at >= %s * interval '1 s'
ORDER BY c.vehicle_id, c.seq
"""


def expire_orders(now: datetime) -> list[int]:
    """Give up orders for right now whose time is over, sent or not, so that whoever gave them can see it.

    Returns the ids of the commands.
    """
    waiting = Command.objects.filter(
        kind__in=PROMPT_KINDS, state__in=[CommandState.PENDING, CommandState.SENT], issued_at__lt=now
    )
    late = [
        (command.pk, command.vehicle_id)
        for command in waiting.only("pk", "vehicle_id", "issued_at", "ttl_ms")
        if command.issued_at + timedelta(milliseconds=command.ttl_ms) + commands.ANSWER_GRACE < now
    ]
    return [key for key, vehicle_id in late if _give_up(key, vehicle_id)]


def sweep_mute(now: datetime) -> list[UUID]:
    """Find the cars that leave a mission's command unanswered for `mission_answer_s` though they are heard.

    The mission fails, so that its ride goes to another car, and the car is held until a person has released it and it
    has answered that: else it would be given the next ride. With a rider inside nothing is taken from the car; the
    ledger tells it. Returns the cars' ids.
    """
    patience_s = settings.HANSOM_TIMING["mission_answer_s"]
    with connection.cursor() as cursor:
        cursor.execute(_MUTE, [list(PROMPT_KINDS), now - timedelta(seconds=patience_s), patience_s])
        found = cursor.fetchall()
    return [vehicle_id for key, vehicle_id in found if _leave(key, vehicle_id)]


@transaction.atomic
def _give_up(command_id: int, vehicle_id: UUID) -> bool:
    vehicles.lock(vehicle_id=vehicle_id)
    command = Command.objects.select_for_update(of=("self",)).get(pk=command_id)
    if command.state not in (CommandState.PENDING, CommandState.SENT):
        return False
    commands.give_up(command=command, actor=ACTOR)
    return True


@transaction.atomic
def _leave(command_id: int, vehicle_id: UUID) -> bool:
    vehicle = vehicles.lock(vehicle_id=vehicle_id)
    command = Command.objects.select_for_update(of=("self",)).get(pk=command_id)
    if command.state != CommandState.SENT or command.sent_epoch != vehicle.session_epoch:
        return False
    commands.give_up(command=command, actor=ACTOR)
    if vehicles.standing(vehicle) in _RIDER_INSIDE:
        return True
    reason = f"no answer to {command.kind}"
    if vehicle.held_by == Holder.NOBODY:
        vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.CAR), actor=ACTOR, reason=reason)
    if mission := open_mission(vehicle):
        fail(vehicle=vehicle, mission=mission, reason=reason, actor=ACTOR)
    else:
        settle_hold(vehicle=vehicle, actor=ACTOR, reason=reason)
    return True
