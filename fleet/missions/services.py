"""The only writers of missions, as planners use them. What cars report goes through uplink.py.

All compare and set: the planner says what it saw, and gets a Conflict when the truth has moved on. Rows are locked in
the order vehicle, mission, and then whatever the caller's own room has.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from autonomy.link.messages import Proceed, UnlockDoors
from fleet.base import clock
from fleet.base.ids import new_id
from fleet.ledger import services as ledger
from fleet.missions import commands
from fleet.missions.closing import close, settle_state
from fleet.missions.domain import (
    OPEN_STATES,
    CommandState,
    MissionState,
    PlannedLeg,
    PlannedStop,
    Previous,
    Purpose,
    leg_json,
    stop_json,
)
from fleet.missions.models import Command, Mission
from fleet.missions.public import public_row
from fleet.missions.wire import assign_message, cancel_message
from fleet.vehicles import moves
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Holder
from fleet.vehicles.domain import VehicleState
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Conflict, NotFound, Refusal


@transaction.atomic
def assign(
    *,
    vehicle_id: UUID,
    purpose: str,
    purpose_id: UUID | None,
    stops: Sequence[PlannedStop],
    legs: Sequence[PlannedLeg],
    actor: str,
    reason: str = "assigned",
    previous: Previous | None = None,
    expected_state_version: int | None = None,
) -> Mission:
    """Send a car on a mission, in the caller's transaction. A ride's car becomes reserved.

    `previous` is the open mission that the planner saw on the car (None: none); an empty drive is replaced by this
    one, a ride never. Raises Conflict `vehicle_state`, `vehicle_held` or `mission_changed`, NotFound, and Refusal for a
    plan that is no plan.
    """
    _check_plan(stops, legs)
    vehicle = vehicles.lock(vehicle_id=vehicle_id)
    if expected_state_version is not None and vehicle.state_version != expected_state_version:
        raise vehicles.state_conflict(vehicle)
    if vehicle.state == VehicleState.NON_CONTACTABLE:
        raise vehicles.state_conflict(vehicle)
    if vehicle.held_by != Holder.NOBODY:
        raise Conflict("vehicle_held", "The vehicle is held.")
    before = _open_mission(vehicle)
    _compare(before, previous)
    if before is not None:
        if before.purpose == Purpose.RIDE:
            raise Conflict("mission_changed", "The vehicle serves a ride.")
        close(mission=before, state=MissionState.CANCELLED, reason="replaced by another mission", actor=actor)
    now = clock.now()
    mission = Mission.objects.create(
        id=new_id(),
        vehicle=vehicle,
        purpose=Purpose(purpose).value,
        purpose_id=purpose_id,
        stops=[stop_json(index, stop) for index, stop in enumerate(stops)],
        legs=[leg_json(index, leg) for index, leg in enumerate(legs)],
        odd_version=legs[0].odd_version,
        odd_digest=legs[0].odd_digest,
        map_digest=legs[0].map_digest,
        created_at=now,
        updated_at=now,
    )
    _record(mission, "mission.assigned", actor, public_row(mission) | {"reason": reason})
    by = moves.RESERVE if mission.purpose == Purpose.RIDE else moves.REPOSITION
    vehicles.move(vehicle=vehicle, by=by, actor=actor, reason=reason, data={"mission_id": str(mission.pk)})
    message = assign_message(
        mission, previous_id=str(before.pk) if before else None, previous_version=before.version if before else 0
    )
    commands.issue(vehicle=vehicle, body=message, actor=actor, reason=reason, mission=mission)
    return mission


@transaction.atomic
def replace(
    *,
    mission_id: UUID,
    expected_version: int,
    stops: Sequence[PlannedStop],
    legs: Sequence[PlannedLeg],
    actor: str,
    reason: str,
) -> Mission:
    """Give an open mission other stops from the present one on; version `expected_version` becomes the next one.

    Served stops stay as they were. Raises Conflict `mission_changed`, NotFound and Refusal.
    """
    _check_plan(stops, legs)
    vehicle, mission = lock(mission_id=mission_id)
    if mission.version != expected_version or mission.state not in OPEN_STATES:
        raise Conflict("mission_changed", f"The mission is {mission.state}, version {mission.version}.")
    done = mission.stop_index
    mission.stops = mission.stops[:done] + [stop_json(done + index, stop) for index, stop in enumerate(stops)]
    mission.legs = mission.legs[:done] + [leg_json(done + index, leg) for index, leg in enumerate(legs)]
    mission.odd_version, mission.odd_digest = legs[0].odd_version, legs[0].odd_digest
    mission.map_digest = legs[0].map_digest
    mission.version += 1
    mission.updated_at = clock.now()
    if mission.state != MissionState.ACTIVE:
        mission.state = MissionState.PLANNED.value
    mission.save()
    _record(mission, "mission.changed", actor, public_row(mission) | {"reason": reason})
    message = assign_message(mission, previous_id=str(mission.pk), previous_version=expected_version)
    commands.issue(vehicle=vehicle, body=message, actor=actor, reason=reason, mission=mission)
    return mission


@transaction.atomic
def cancel(*, mission_id: UUID, reason: str, actor: str, by_passenger: bool = False) -> Mission:
    """Call a car off; nothing happens to a mission that has ended. The owner is not told: it is who calls.

    The car is free at once, or, with a rider on board, held where it comes to stand.
    """
    vehicle, mission = lock(mission_id=mission_id)
    if mission.state not in OPEN_STATES:
        return mission
    close(mission=mission, state=MissionState.CANCELLED, reason=reason, actor=actor)
    commands.issue(vehicle=vehicle, body=cancel_message(mission), actor=actor, reason=reason, mission=mission)
    if mission.purpose == Purpose.RIDE:
        by = moves.CANCEL_BY_PASSENGER if by_passenger else moves.CANCEL_BY_PROVIDER
    else:
        by = moves.FINISH_EMPTY
    settle_state(vehicle=vehicle, by=by, actor=actor, reason=reason)
    return mission


@transaction.atomic
def unlock(*, mission_id: UUID, actor: str) -> Mission:
    """Open the doors for the rider at the pick-up: the car goes on to boarding. Raises Conflict elsewhere."""
    vehicle, mission = lock(mission_id=mission_id)
    if mission.state not in OPEN_STATES or not mission.at_stop:
        raise Conflict("not_at_stop", "The car does not stand at a stop of this mission.")
    if vehicles.standing(vehicle) == VehicleState.STOPPED_BOARDING:
        return mission
    vehicles.move(vehicle=vehicle, by=moves.UNLOCK, actor=actor, reason="doors unlocked")
    body = UnlockDoors(mission_id=str(mission.pk))
    commands.issue(vehicle=vehicle, body=body, actor=actor, reason="unlock", mission=mission)
    return mission


@transaction.atomic
def proceed(*, mission_id: UUID, stop_index: int, actor: str) -> Mission:
    """Let the car leave stop `stop_index`, once. Raises Conflict `not_at_stop` when it is not there (any more)."""
    vehicle, mission = lock(mission_id=mission_id)
    if mission.state not in OPEN_STATES or not mission.at_stop or mission.stop_index != stop_index:
        raise Conflict("not_at_stop", f"The car does not stand at stop {stop_index} of this mission.")
    told = Command.objects.filter(
        mission=mission, kind="proceed", body__stop_index=stop_index, body__version=mission.version
    ).exclude(state__in=[CommandState.REFUSED, CommandState.EXPIRED])
    if not told.exists():
        body = Proceed(mission_id=str(mission.pk), version=mission.version, stop_index=stop_index)
        commands.issue(vehicle=vehicle, body=body, actor=actor, reason="proceed", mission=mission)
    return mission


def lock(*, mission_id: UUID) -> tuple[Vehicle, Mission]:
    """The vehicle's and the mission's rows, locked in this order. Raises NotFound."""
    vehicle_id = Mission.objects.filter(pk=mission_id).values_list("vehicle_id", flat=True).first()
    if vehicle_id is None:
        raise NotFound("There is no such mission.", code="unknown_mission")
    vehicle = vehicles.lock(vehicle_id=vehicle_id)
    return vehicle, Mission.objects.select_for_update(of=("self",)).get(pk=mission_id)


def _open_mission(vehicle: Vehicle) -> Mission | None:
    rows = Mission.objects.select_for_update(of=("self",)).filter(vehicle=vehicle, state__in=OPEN_STATES)
    return rows.first()


def _compare(found: Mission | None, seen: Previous | None) -> None:
    found_key = (str(found.pk), found.version) if found else None
    seen_key = (seen.mission_id, seen.version) if seen else None
    if found_key != seen_key:
        raise Conflict("mission_changed", "The vehicle has another mission by now.")


def _check_plan(stops: Sequence[PlannedStop], legs: Sequence[PlannedLeg]) -> None:
    if not 1 <= len(stops) <= 16:
        raise Refusal("invalid", "A mission has 1 to 16 stops.", field="stops")
    if len(legs) != len(stops):
        raise Refusal("invalid", "Each stop has one leg.", field="legs")
    if len({(leg.odd_version, leg.odd_digest, leg.map_digest) for leg in legs}) != 1:
        raise Refusal("invalid", "All legs are planned on one map and one version of the ODD.", field="legs")


def _record(mission: Mission, kind: str, actor: str, data: dict[str, object]) -> None:
    ledger.record(kind=kind, subject_type="mission", subject_id=mission.pk, actor=actor, data=data)
