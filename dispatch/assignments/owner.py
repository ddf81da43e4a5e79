"""What becomes of a ride when its car reports: called by fleet.missions inside the transaction of the report.

Vehicle and mission are locked by then, and every writer of a ride that has a car locks the vehicle first, so that the
ride can't change between a look and a step.
"""

import logging
from datetime import datetime

from dispatch.assignments.services import end, lose_car
from dispatch.rides import services as rides
from dispatch.rides.domain.machine import TERMINAL, WITH_CAR, RideEvent, RideState, may
from dispatch.rides.domain.reasons import FleetReason
from dispatch.rides.models import Ride
from fleet.access.domain import actor_of_vehicle
from fleet.missions.models import Mission

log = logging.getLogger(__name__)
_E, _S = RideEvent, RideState

# Which steps lead from a state to the end, when the car says that the rider has got out.
TO_THE_END: dict[RideState, tuple[RideEvent, ...]] = {
    _S.ON_TRIP: (_E.DROPOFF_REACHED, _E.ENDED),
    _S.HELD: (_E.DROPOFF_REACHED, _E.ENDED),
    _S.STOPPED: (_E.ENDED,),
    _S.ALIGHTING: (_E.ENDED,),
}
TO_DEPARTURE: dict[RideState, tuple[RideEvent, ...]] = {
    _S.ARRIVED: (_E.UNLOCKED, _E.DEPARTED),
    _S.BOARDING: (_E.DEPARTED,),
    _S.STOPPED: (_E.RESUMED,),
}


class RideMissionOwner:
    """Moves rides by what happens on their missions."""

    def stop_arrived(self, mission: Mission, stop_index: int, at: datetime) -> None:
        kind = mission.stops[stop_index]["kind"]
        events = {"pickup": _E.CAR_ARRIVED, "dropoff": _E.DROPOFF_REACHED, "waypoint": _E.STOPPED}
        if kind in events:
            self._step(mission, events[kind], at)

    def stop_departed(self, mission: Mission, stop_index: int, at: datetime) -> None:
        ride = self._ride(mission)
        if ride is not None and mission.stops[stop_index]["kind"] in ("pickup", "waypoint"):
            self._steps(mission, ride, TO_DEPARTURE.get(RideState(ride.state), ()), at)

    def cabin_empty(self, mission: Mission, stop_index: int, at: datetime) -> None:
        if mission.stops[stop_index]["kind"] == "dropoff":
            self._finish(mission, at)

    def held(self, mission: Mission, reason: str, at: datetime) -> None:
        self._step(mission, _E.HELD, at, reason=reason)

    def resumed(self, mission: Mission, at: datetime) -> None:
        ride = self._ride(mission)
        if ride is not None and ride.state == _S.HELD:
            self._steps(mission, ride, (_E.RESUMED,), at)

    def completed(self, mission: Mission, at: datetime) -> None:
        self._finish(mission, at)

    def refused(self, mission: Mission, reason: str) -> None:
        self._lose(mission, FleetReason.CAR_REFUSED, reason)

    def failed(self, mission: Mission, reason: str) -> None:
        self._lose(mission, FleetReason.CAR_FAULT, reason)

    def _ride(self, mission: Mission) -> Ride | None:
        """The mission's ride, locked, as long as this mission serves it."""
        assert mission.purpose_id is not None  # the database demands it of missions for rides
        ride = Ride.objects.select_for_update(of=("self",)).filter(pk=mission.purpose_id).first()
        serving = ride is not None and ride.assignments.filter(mission=mission, ended_at__isnull=True).exists()
        if not serving:
            log.info("mission %s no longer serves ride %s", mission.pk, mission.purpose_id)
            return None
        return ride

    def _steps(
        self, mission: Mission, ride: Ride, events: tuple[RideEvent, ...], at: datetime, reason: str = ""
    ) -> None:
        actor = actor_of_vehicle(mission.vehicle_id)
        for event in events:
            rides.move(ride_id=ride.id, event=event, actor=actor, reason=reason, now=at)

    def _step(self, mission: Mission, event: RideEvent, at: datetime, reason: str = "") -> None:
        ride = self._ride(mission)
        if ride is None:
            return
        if may(RideState(ride.state), event):
            self._steps(mission, ride, (event,), at, reason)
        else:
            log.info("ride %s is %s; %s changes nothing", ride.id, ride.state, event)

    def _finish(self, mission: Mission, at: datetime) -> None:
        ride = self._ride(mission)
        if ride is None:
            return
        steps = TO_THE_END.get(RideState(ride.state))
        if steps is None:
            log.error("mission %s ended while ride %s is %s", mission.pk, ride.id, ride.state)
            if RideState(ride.state) in WITH_CAR - TERMINAL:
                self._lose(mission, FleetReason.CAR_FAULT, "mission ended early")
            return
        end(ride_id=ride.id, reason="completed", at=at)
        self._steps(mission, ride, steps, at)

    def _lose(self, mission: Mission, reason: FleetReason, detail: str) -> None:
        ride = self._ride(mission)
        if ride is not None:
            log.warning("ride %s loses its car %s: %s (%s)", ride.id, mission.vehicle_id, reason, detail)
            lose_car(ride=ride, reason=reason, actor=actor_of_vehicle(mission.vehicle_id))
