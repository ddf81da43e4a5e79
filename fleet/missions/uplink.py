"""What cars report about missions, taken in under the car's lock and in the order in which it happened."""

from datetime import datetime
from uuid import UUID

from autonomy.link.messages import (
    CabinEmpty,
    CommandAck,
    DoorsChanged,
    DriveModeChanged,
    EventBody,
    Fault,
    Held,
    HelpAsked,
    HelpEnded,
    MissionCompleted,
    Resumed,
    StopArrived,
    StopDeparted,
)
from fleet.access.domain import actor_of_vehicle
from fleet.base import clock
from fleet.ledger import services as ledger
from fleet.missions import commands
from fleet.missions.closing import close, let_go, open_mission, settle_hold, settle_state
from fleet.missions.domain import OPEN_STATES, MissionState, Purpose, reason_of
from fleet.missions.models import Command, Mission
from fleet.missions.owners import owner_of
from fleet.missions.wire import assign_message, body_message, cancel_message
from fleet.vehicles import moves
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, DriveMode, Holder
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Conflict

REISSUES = 3
_ARRIVALS = {
    "pickup": moves.ARRIVE_AT_PICKUP,
    "dropoff": moves.ARRIVE_AT_DROPOFF,
    "waypoint": moves.ARRIVE_AT_STOP,
}


class Ignored(Exception):
    """The event is true but changes nothing here; the text says why."""


def take_event(*, vehicle: Vehicle, body: EventBody, at: datetime) -> None:
    """Apply one event of a locked car. Raises Ignored and Conflict for what no longer fits: the caller writes it down
    and goes on."""
    match body:
        case StopArrived():
            _stop_arrived(vehicle, body, at)
        case StopDeparted():
            _stop_departed(vehicle, body, at)
        case CabinEmpty():
            mission = _mission(vehicle, body.mission_id)
            if owner := owner_of(mission):
                owner.cabin_empty(mission, body.stop_index, at)
        case MissionCompleted():
            _completed(vehicle, body, at)
        case Held():
            _held(vehicle, body.reason, at)
        case Resumed():
            _resumed(vehicle, body.reason, at)
        case Fault():
            _fault(vehicle, body)
        case HelpAsked():
            asked = Axes(question=body.question)
            vehicles.set_axes(vehicle=vehicle, axes=asked, actor=_actor(vehicle), reason=body.reason)
        case HelpEnded():
            vehicles.set_axes(vehicle=vehicle, axes=Axes(question=""), actor=_actor(vehicle), reason=body.reason)
        case DriveModeChanged():
            mode = Axes(drive_mode=DriveMode(body.drive_mode))
            vehicles.set_axes(vehicle=vehicle, axes=mode, actor=_actor(vehicle), reason=body.reason)
        case DoorsChanged():
            pass  # telemetry shows doors; the event only marks the moment in the car's own journal


def take_ack(*, vehicle: Vehicle, ack: CommandAck) -> None:
    """The answer of a locked car to a command."""
    accepted = ack.outcome == "accepted"
    command = commands.settle(vehicle=vehicle, seq=ack.seq, accepted=accepted, code=ack.code, detail=ack.detail)
    if command is None:
        return
    if command.mission_id is None:
        _order_answered(vehicle, command, ack)
        return
    mission = Mission.objects.select_for_update(of=("self",)).get(pk=command.mission_id)
    if mission.state not in OPEN_STATES:
        return
    if not accepted and ack.code == "expired" and _tries(command) < REISSUES:
        body = body_message(command.body)
        commands.issue(
            vehicle=vehicle, body=body, actor=command.issuer, reason=command.reason or "again", mission=mission
        )
    elif command.kind == "assign_mission" and command.mission_version == mission.version:
        _assignment_answered(vehicle, mission, ack)


def reconcile(*, vehicle: Vehicle, car_mission_id: str | None, car_version: int) -> None:
    """Bring a locked car, whose events have all been taken in, and the platform's missions together.

    Nothing is done while a command about missions is on its way: its answer will tell. Otherwise the platform's plan
    wins: a car without it gets it again, a car with something else is told to drop or to change it.
    """
    if commands.unsettled_mission_commands(vehicle.pk):
        return
    mission = Mission.objects.select_for_update(of=("self",)).filter(vehicle=vehicle, state__in=OPEN_STATES).first()
    actor = "gateway"
    if mission is None:
        if car_mission_id is not None:
            stray = _of_id(vehicle, car_mission_id)
            if stray is not None:
                message = cancel_message(stray)
                commands.issue(vehicle=vehicle, body=message, actor=actor, reason="mission has ended", mission=stray)
        return
    if (str(mission.pk), mission.version) == (car_mission_id, car_version):
        if mission.state in (MissionState.PLANNED, MissionState.SENT):
            _set_state(mission, MissionState.ACCEPTED, _actor(vehicle))
        return
    plan = assign_message(mission, previous_id=car_mission_id, previous_version=car_version)
    commands.issue(vehicle=vehicle, body=plan, actor=actor, reason="the car did not have it", mission=mission)


def fail(*, vehicle: Vehicle, mission: Mission, reason: str, actor: str, tell_car: bool = True) -> None:
    """End a locked car's mission as failed, free the car of it, and tell the owner."""
    close(mission=mission, state=MissionState.FAILED, reason=reason, actor=actor)
    if tell_car:
        body = cancel_message(mission)
        commands.issue(vehicle=vehicle, body=body, actor=actor, reason=reason, mission=mission)
    by = moves.CANCEL_BY_PROVIDER if mission.purpose == Purpose.RIDE else moves.FINISH_EMPTY
    settle_state(vehicle=vehicle, by=by, actor=actor, reason=reason)
    if owner := owner_of(mission):
        owner.failed(mission, reason)


def _stop_arrived(vehicle: Vehicle, body: StopArrived, at: datetime) -> None:
    mission = _mission(vehicle, body.mission_id)
    if mission.at_stop or body.stop_index != mission.stop_index:
        raise Ignored(f"stop {body.stop_index} is not the next one")
    kind = mission.stops[body.stop_index]["kind"]
    if mission.purpose == Purpose.RIDE and (by := _ARRIVALS.get(kind)):
        _move(vehicle, by, f"arrived at {kind}")
    _progress(mission, at_stop=True, stop_index=body.stop_index, actor=_actor(vehicle))
    if owner := owner_of(mission):
        owner.stop_arrived(mission, body.stop_index, at)


def _stop_departed(vehicle: Vehicle, body: StopDeparted, at: datetime) -> None:
    mission = _mission(vehicle, body.mission_id)
    if not mission.at_stop or body.stop_index != mission.stop_index:
        raise Ignored(f"the car was not at stop {body.stop_index}")
    last = body.stop_index + 1 >= len(mission.stops)
    if mission.purpose == Purpose.RIDE and not last:
        _move(vehicle, moves.DEPART, f"left {mission.stops[body.stop_index]['kind']}")
    _progress(mission, at_stop=False, stop_index=body.stop_index + 1, actor=_actor(vehicle))
    if owner := owner_of(mission):
        owner.stop_departed(mission, body.stop_index, at)


def _completed(vehicle: Vehicle, body: MissionCompleted, at: datetime) -> None:
    mission = _mission(vehicle, body.mission_id)
    if body.version != mission.version:
        raise Ignored(f"version {body.version} is complete, the mission is at {mission.version}")
    actor = _actor(vehicle)
    close(mission=mission, state=MissionState.COMPLETED, reason="completed", actor=actor)
    by = {Purpose.RIDE: moves.FINISH_RIDE, Purpose.CHARGE: moves.START_CHARGING}.get(
        Purpose(mission.purpose), moves.FINISH_EMPTY
    )
    settle_state(vehicle=vehicle, by=by, actor=actor, reason="mission completed")
    if owner := owner_of(mission):
        owner.completed(mission, at)


def _held(vehicle: Vehicle, reason: str, at: datetime) -> None:
    actor = _actor(vehicle)
    if vehicle.held_by == Holder.NOBODY:
        vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.CAR), actor=actor, reason=reason)
    if moves.HOLD.path(vehicles.standing(vehicle)) is not None:
        vehicles.move(vehicle=vehicle, by=moves.HOLD, actor=actor, reason=reason)
    mission = open_mission(vehicle)
    if mission and (owner := owner_of(mission)):
        owner.held(mission, reason, at)


def _resumed(vehicle: Vehicle, reason: str, at: datetime) -> None:
    if vehicle.held_by == Holder.OPERATOR:
        raise Ignored("an operator holds the car")
    let_go(vehicle=vehicle, actor=_actor(vehicle), reason=reason, at=at)


def _fault(vehicle: Vehicle, body: Fault) -> None:
    """The mission has failed. A car that can still drive is held for a person to look at, else it is grounded."""
    actor, reason = _actor(vehicle), reason_of("fault", body.code)
    commands.supersede_releases(vehicle=vehicle, actor=actor, why="fault")  # ordered before anybody knew of it
    vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.CAR), actor=actor, reason=reason)
    if mission := open_mission(vehicle):
        fail(vehicle=vehicle, mission=mission, reason=reason, actor=actor)
    else:
        settle_hold(vehicle=vehicle, actor=actor, reason=reason)
    if not body.drivable and moves.GROUND.path(vehicles.standing(vehicle)):
        vehicles.move(vehicle=vehicle, by=moves.GROUND, actor=actor, reason=reason, data={"fault": body.code})
    ledger.record(
        kind="vehicle.fault",
        subject_type="vehicle",
        subject_id=vehicle.pk,
        actor=actor,
        data={"code": body.code, "detail": body.detail, "drivable": body.drivable},
    )


def _order_answered(vehicle: Vehicle, command: Command, ack: CommandAck) -> None:
    """A release counts once the car has done it, or says that nothing makes it stand."""
    if command.kind == "release" and (ack.outcome == "accepted" or ack.code == "not_held"):
        let_go(vehicle=vehicle, actor=_actor(vehicle), reason=command.reason, at=clock.now())


def _assignment_answered(vehicle: Vehicle, mission: Mission, ack: CommandAck) -> None:
    actor = _actor(vehicle)
    if ack.outcome == "accepted":
        if mission.state in (MissionState.PLANNED, MissionState.SENT):
            _set_state(mission, MissionState.ACCEPTED, actor)
        return
    reason = reason_of("refused:", ack.code)
    close(mission=mission, state=MissionState.REFUSED, reason=reason, actor=actor)
    if mission.version > 1:  # the car still has the version before
        body = cancel_message(mission)
        commands.issue(vehicle=vehicle, body=body, actor="gateway", reason=reason, mission=mission)
    by = moves.CANCEL_BY_PROVIDER if mission.purpose == Purpose.RIDE else moves.FINISH_EMPTY
    settle_state(vehicle=vehicle, by=by, actor=actor, reason=reason)
    if owner := owner_of(mission):
        owner.refused(mission, reason)


def _tries(command: Command) -> int:
    return Command.objects.filter(
        mission=command.mission, kind=command.kind, mission_version=command.mission_version
    ).count()


def _of_id(vehicle: Vehicle, mission_id: str) -> Mission | None:
    try:
        key = UUID(mission_id)
    except ValueError:
        return None
    return Mission.objects.select_for_update(of=("self",)).filter(pk=key, vehicle=vehicle).first()


def _mission(vehicle: Vehicle, mission_id: str) -> Mission:
    mission = _of_id(vehicle, mission_id)
    if mission is None:
        raise Ignored("not a mission of this car")
    if mission.state not in OPEN_STATES:
        raise Ignored(f"the mission is {mission.state}")
    return mission


def _move(vehicle: Vehicle, by: moves.Move, reason: str) -> None:
    if by.path(vehicles.standing(vehicle)) is None:
        raise Conflict("vehicle_state", f"{by.name} while {vehicles.standing(vehicle)}")
    vehicles.move(vehicle=vehicle, by=by, actor=_actor(vehicle), reason=reason)


def _progress(mission: Mission, *, at_stop: bool, stop_index: int, actor: str) -> None:
    mission.at_stop, mission.stop_index = at_stop, stop_index
    mission.state, mission.updated_at = MissionState.ACTIVE.value, clock.now()
    mission.save(update_fields=["at_stop", "stop_index", "state", "updated_at"])
    _changed(mission, actor)


def _set_state(mission: Mission, state: MissionState, actor: str) -> None:
    mission.state, mission.updated_at = state.value, clock.now()
    mission.save(update_fields=["state", "updated_at"])
    _changed(mission, actor)


def _changed(mission: Mission, actor: str) -> None:
    ledger.record(
        kind="mission.changed",
        subject_type="mission",
        subject_id=mission.pk,
        actor=actor,
        data={
            "vehicle_id": str(mission.vehicle_id),
            "purpose": mission.purpose,
            "purpose_id": str(mission.purpose_id) if mission.purpose_id else None,
            "state": mission.state,
            "version": mission.version,
            "stop_index": mission.stop_index,
            "at_stop": mission.at_stop,
        },
    )


def _actor(vehicle: Vehicle) -> str:
    return actor_of_vehicle(vehicle.pk)
