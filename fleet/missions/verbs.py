"""What operators order: one function a verb, with the command, the state and the ledger event in one transaction.

Who may give the order is the edge's business. Every order needs a reason.
"""

from uuid import UUID

from django.db import transaction

from autonomy.link.messages import CommandBody, Hold, Instruct, PullOver, Release
from fleet.missions import commands
from fleet.missions.closing import ON_BOARD, open_mission, settle_hold
from fleet.missions.domain import Purpose
from fleet.missions.uplink import fail
from fleet.vehicles import moves
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, Holder, Link
from fleet.vehicles.domain import VehicleState
from fleet.vehicles.models import Vehicle
from fleet.vehicles.services import require_reason
from geofence.base.errors import Conflict, Refusal


@transaction.atomic
def hold(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """Stop in the lane and stand. The car gets no new ride from this moment on; with a rider on board its state
    follows when it has come to stand."""
    return _stop(vehicle_id, Hold(), actor=actor, reason=reason)


@transaction.atomic
def pull_over(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """Stop at the kerb at the next possible place and stand; otherwise like `hold`."""
    return _stop(vehicle_id, PullOver(), actor=actor, reason=reason)


@transaction.atomic
def release(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """Tell the car to end a hold, whoever made it. Raises Conflict `not_held`.

    The car stays held until it has said that it goes on; an order that expires or is refused changes nothing but the
    ledger, and can be given again.
    """
    vehicle, why = vehicles.lock(vehicle_id=vehicle_id), require_reason(reason)
    if vehicle.held_by == Holder.NOBODY:
        raise Conflict("not_held", "Nobody holds this vehicle.")
    commands.issue(vehicle=vehicle, body=Release(), actor=actor, reason=why)
    return vehicle


@transaction.atomic
def instruct(*, vehicle_id: UUID, actor: str, text: str) -> Vehicle:
    """Tell the driver something in plain English; an empty text takes back what it was told.

    The driver obeys what it understands and what is safe; what it does not do, it says why. Raises Refusal for a text
    that no driver could read, Conflict `no_link` for a car that can't hear it.
    """
    words = " ".join(text.split())
    if len(words) > 200 or not words.isprintable():
        raise Refusal("invalid", "Give an instruction of at most 200 printable characters.", field="text")
    vehicle = vehicles.lock(vehicle_id=vehicle_id)
    if vehicle.link != Link.ONLINE:
        raise Conflict("no_link", "The car has no link and would not hear it.")
    commands.issue(vehicle=vehicle, body=Instruct(text=words), actor=actor, reason=words or "taken back")
    return vehicle


@transaction.atomic
def service_start(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """Put a car that is out of service into service."""
    vehicle, why = vehicles.lock(vehicle_id=vehicle_id), require_reason(reason)
    vehicles.move(vehicle=vehicle, by=moves.START_SERVICE, actor=actor, reason=why)
    settle_hold(vehicle=vehicle, actor=actor, reason=why)
    return vehicle


@transaction.atomic
def service_end(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """Take a free car out of service. Raises Conflict while it has a ride or is held."""
    vehicle, why = vehicles.lock(vehicle_id=vehicle_id), require_reason(reason)
    _end_empty_drive(vehicle, actor, why)
    vehicles.move(vehicle=vehicle, by=moves.END_SERVICE, actor=actor, reason=why)
    return vehicle


@transaction.atomic
def ground(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """Take a car out of service until it is cleared; a ride that has not begun goes to another car.

    Raises Conflict `rider_on_board`: hold it, and let the rider out first.
    """
    vehicle, why = vehicles.lock(vehicle_id=vehicle_id), require_reason(reason)
    standing = vehicles.standing(vehicle)
    if standing in ON_BOARD:
        raise Conflict("rider_on_board", "A rider is on board; hold the car and end the ride first.")
    if standing is VehicleState.NON_OPERATIONAL_GROUNDED:
        return vehicle
    if mission := open_mission(vehicle):
        fail(vehicle=vehicle, mission=mission, reason=why, actor=actor)
    vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.OPERATOR), actor=actor, reason=why)
    vehicles.move(vehicle=vehicle, by=moves.GROUND, actor=actor, reason=why)
    commands.supersede_releases(vehicle=vehicle, actor=actor, why="held_again")
    commands.issue(vehicle=vehicle, body=PullOver(), actor=actor, reason=why)
    return vehicle


@transaction.atomic
def clear(*, vehicle_id: UUID, actor: str, reason: str) -> Vehicle:
    """End a grounding: the car is fit again, and out of service until it is put into it.

    Its hold ends as with `release`; put into service before that, it is held.
    """
    vehicle, why = vehicles.lock(vehicle_id=vehicle_id), require_reason(reason)
    vehicles.move(vehicle=vehicle, by=moves.CLEAR, actor=actor, reason=why)
    commands.issue(vehicle=vehicle, body=Release(), actor=actor, reason=why)
    return vehicle


def _stop(vehicle_id: UUID, body: CommandBody, *, actor: str, reason: str) -> Vehicle:
    vehicle, why = vehicles.lock(vehicle_id=vehicle_id), require_reason(reason)
    standing = vehicles.standing(vehicle)
    if moves.HOLD.path(standing) is None:
        raise vehicles.state_conflict(vehicle)
    vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.OPERATOR), actor=actor, reason=why)
    if standing not in ON_BOARD:
        vehicles.move(vehicle=vehicle, by=moves.HOLD, actor=actor, reason=why)
    commands.supersede_releases(vehicle=vehicle, actor=actor, why="held_again")
    commands.issue(vehicle=vehicle, body=body, actor=actor, reason=why)
    return vehicle


def _end_empty_drive(vehicle: Vehicle, actor: str, reason: str) -> None:
    mission = open_mission(vehicle)
    if mission is not None and mission.purpose != Purpose.RIDE:
        fail(vehicle=vehicle, mission=mission, reason=reason, actor=actor)
