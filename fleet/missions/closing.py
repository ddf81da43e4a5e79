"""How missions and holds end, and where that leaves the car."""

from datetime import datetime

from fleet.base import clock
from fleet.ledger import services as ledger
from fleet.missions.domain import NEXT_STATES, OPEN_STATES, MissionState, Purpose
from fleet.missions.models import Mission
from fleet.missions.owners import owner_of
from fleet.vehicles import moves
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, Holder
from fleet.vehicles.domain import VehicleState
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Conflict

ON_BOARD = frozenset(
    {VehicleState.ON_TRIP_DRIVING, VehicleState.STOPPED_UNPLANNED, VehicleState.STOPPED_AT_STOP}
    | {VehicleState.STOPPED_ALIGHTING}
)


def close(*, mission: Mission, state: MissionState, reason: str, actor: str) -> None:
    """End a locked mission. Raises Conflict when it has ended."""
    before = MissionState(mission.state)
    if state not in NEXT_STATES[before] or state in OPEN_STATES:
        raise Conflict("mission_changed", f"The mission is {before}.")
    now = clock.now()
    updated = Mission.objects.filter(pk=mission.pk, state=before.value, version=mission.version).update(
        state=state.value, closed_at=now, updated_at=now, end_reason=reason
    )
    if updated != 1:
        raise Conflict("mission_changed", "The mission has changed meanwhile.")
    mission.state, mission.closed_at, mission.updated_at, mission.end_reason = state.value, now, now, reason
    ledger.record(
        kind="mission.closed",
        subject_type="mission",
        subject_id=mission.pk,
        actor=actor,
        data={
            "vehicle_id": str(mission.vehicle_id),
            "purpose": mission.purpose,
            "purpose_id": str(mission.purpose_id) if mission.purpose_id else None,
            "version": mission.version,
            "state": state.value,
            "reason": reason,
        },
    )


def settle_state(*, vehicle: Vehicle, by: moves.Move, actor: str, reason: str) -> None:
    """Take a locked car out of its mission by `by`, then to idle or held, as its holder says.

    With a rider on board the car is held, whoever called it off: a person decides how it goes on.
    """
    start = vehicles.standing(vehicle)
    if by.path(start) is not None:
        vehicles.move(vehicle=vehicle, by=by, actor=actor, reason=reason)
    if start in ON_BOARD and by is not moves.FINISH_RIDE and vehicle.held_by == Holder.NOBODY:
        vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.CAR), actor=actor, reason=reason)
    settle_hold(vehicle=vehicle, actor=actor, reason=reason)


def settle_hold(*, vehicle: Vehicle, actor: str, reason: str) -> None:
    """Make a locked car's state agree with who holds it and with an empty drive that it is on."""
    state = vehicles.standing(vehicle)
    held = vehicle.held_by != Holder.NOBODY
    if held and state in (VehicleState.AVAILABLE_IDLE, VehicleState.AVAILABLE_REPOSITIONING):
        vehicles.move(vehicle=vehicle, by=moves.HOLD, actor=actor, reason=reason)
    elif not held and state is VehicleState.AVAILABLE_HELD:
        vehicles.move(vehicle=vehicle, by=moves.RESUME, actor=actor, reason=reason)
    if not held and vehicles.standing(vehicle) is VehicleState.AVAILABLE_IDLE and _drives_empty(vehicle):
        vehicles.move(vehicle=vehicle, by=moves.REPOSITION, actor=actor, reason=reason)


def let_go(*, vehicle: Vehicle, actor: str, reason: str, at: datetime) -> None:
    """Nothing makes a locked car stand any more, as it has said itself: state, holder and ride go on."""
    vehicles.set_axes(vehicle=vehicle, axes=Axes(held_by=Holder.NOBODY), actor=actor, reason=reason)
    if moves.RESUME.path(vehicles.standing(vehicle)) is not None:
        vehicles.move(vehicle=vehicle, by=moves.RESUME, actor=actor, reason=reason)
    settle_hold(vehicle=vehicle, actor=actor, reason=reason)
    mission = open_mission(vehicle)
    if mission and (owner := owner_of(mission)):
        owner.resumed(mission, at)


def open_mission(vehicle: Vehicle) -> Mission | None:
    return Mission.objects.select_for_update(of=("self",)).filter(vehicle=vehicle, state__in=OPEN_STATES).first()


def _drives_empty(vehicle: Vehicle) -> bool:
    rows = Mission.objects.filter(vehicle=vehicle, state__in=OPEN_STATES).exclude(purpose=Purpose.RIDE)
    return rows.exists()
