"""The dispatcher's beat: look, decide, commit. It keeps nothing that PostgreSQL does not have, so any process may
die at any point and another goes on."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, OperationalError

from dispatch.assignments import lease, selectors, services
from dispatch.assignments.lease import Fence
from dispatch.assignments.plan import plan
from dispatch.matching.domain.build import build
from dispatch.matching.selectors import Situation, TripLengths, situation
from dispatch.matching.solvers.bounded import BoundedSolver
from dispatch.quotes import services as quotes
from dispatch.rides import services as rides
from dispatch.rides.domain.machine import WANTING, RideEvent, RideState
from dispatch.rides.domain.reasons import FleetReason
from dispatch.rides.selectors import in_states
from fleet.missions import sweeps
from fleet.vehicles import services as vehicles
from geofence.base.errors import Refusal
from geofence.roads.domain.network import NoNetwork

log = logging.getLogger(__name__)
ETA_TOLERANCE_S = 45.0
# Refusals of a plan that concern this car only; a pair is tried again after some beats.
PAIR_RETRY_S = 20.0


@dataclass
class TickReport:
    """What one beat did."""

    counts: Counter[str] = field(default_factory=Counter)
    open_rides: int = 0
    free_cars: int = 0
    solver: str = ""
    solve_s: float = 0.0
    tick_s: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Plain JSON, for the lease's row and the log."""
        return {
            **self.counts,
            "open_rides": self.open_rides,
            "free_cars": self.free_cars,
            "solver": self.solver,
            "solve_ms": round(self.solve_s * 1000, 1),
            "tick_ms": round(self.tick_s * 1000, 1),
        }


class Dispatcher:
    """One holder of the lease. `clock` gives the time of day."""

    def __init__(self, *, fence: Fence, solver: BoundedSolver, clock: Callable[[], datetime]) -> None:
        self.fence = fence
        self.solver = solver
        self.clock = clock
        self._lengths = TripLengths()
        self._not_now: dict[tuple[UUID, UUID], datetime] = {}

    def tick(self) -> TickReport:
        """One beat. Raises LeaseLost when another dispatcher has taken over."""
        began = time.perf_counter()
        timing, now = settings.HANSOM_TIMING, self.clock()
        report = TickReport()
        lease.renew(self.fence, lease_s=timing["lease_s"])
        report.counts["silent"] = len(vehicles.sweep_silent(now))
        report.counts["mute"] = len(sweeps.sweep_mute(now))
        report.counts["orders_expired"] = len(sweeps.expire_orders(now))
        report.counts["expired"] = quotes.expire(now=now, actor=self.fence.actor)
        self._by_the_clock(now, report)
        self._open(report)
        self._match(now, report)
        self._correct_etas(now, report)
        report.tick_s = time.perf_counter() - began
        lease.report(self.fence, report.as_json())
        return report

    def _attempt(self, report: TickReport, name: str, action: Callable[[], object]) -> bool:
        """Do what may have been overtaken by somebody else; then the next beat sees the new situation."""
        try:
            action()
        except (Refusal, IntegrityError) as error:
            report.counts[f"{name}_lost"] += 1
            log.info("%s overtaken: %s", name, error)
            return False
        except OperationalError as error:
            if not _is_deadlock(error):
                raise
            report.counts[f"{name}_lost"] += 1
            log.warning("%s: %s", name, error)
            return False
        report.counts[name] += 1
        return True

    def _by_the_clock(self, now: datetime, report: TickReport) -> None:
        timing = settings.HANSOM_TIMING
        waited = now - timedelta(seconds=timing["no_show_s"])
        for ride_id in selectors.overdue(RideState.ARRIVED, waited):
            self._attempt(report, "no_show", partial(services.no_show, ride_id=ride_id, fence=self.fence))
        for ride_id in selectors.overdue(RideState.BOARDING, waited):
            self._attempt(
                report,
                "not_boarded",
                partial(services.advance, ride_id=ride_id, event=RideEvent.NOT_BOARDED, fence=self.fence),
            )
        for trouble in selectors.troubled(now):
            self._attempt(
                report,
                "withdrawn",
                partial(
                    services.withdraw,
                    ride_id=trouble.ride_id,
                    reason=trouble.reason,
                    actor=self.fence.actor,
                    fence=self.fence,
                ),
            )
        patience = now - timedelta(seconds=timing["match_patience_s"])
        for ride_id in selectors.impatient(WANTING | {RideState.REQUESTED}, patience):
            self._attempt(report, "gave_up", partial(self._give_up, ride_id, FleetReason.NO_CAR_IN_TIME))

    def _give_up(self, ride_id: UUID, reason: FleetReason, note: str = "") -> object:
        return services.give_up(ride_id=ride_id, reason=reason, actor=self.fence.actor, note=note, fence=self.fence)

    def _open(self, report: TickReport) -> None:
        for ride in list(in_states({RideState.REQUESTED})):
            self._attempt(
                report,
                "opened",
                partial(services.advance, ride_id=ride.id, event=RideEvent.OPENED, fence=self.fence),
            )

    def _match(self, now: datetime, report: TickReport) -> None:
        try:
            found = situation(now, self._lengths)
        except NoNetwork:
            return
        for lost in found.unservable:
            self._attempt(
                report,
                "unservable",
                partial(self._give_up, lost.ride.id, FleetReason.OUTSIDE_ODD, lost.refusal.detail),
            )
        report.open_rides, report.free_cars = len(found.demands), len(found.cars)
        if not found.demands or not found.cars:
            return
        self._not_now = {pair: until for pair, until in self._not_now.items() if until > now}
        problem = build(
            found.cars,
            found.demands,
            found.planner.travel_times,
            forbidden=selectors.failed_pairs(now) | self._not_now.keys(),
        )
        began = time.perf_counter()
        answer = self.solver.solve(problem)
        report.solver, report.solve_s = answer.solver, time.perf_counter() - began
        for ride_index, car_index in enumerate(answer.car_of):
            if car_index >= 0:
                self._commit(found, ride_index, int(car_index), now, report)

    def _commit(self, found: Situation, ride_index: int, car_index: int, now: datetime, report: TickReport) -> None:
        ride, car = found.rides[ride_index], found.placed[car_index]
        try:
            planned = plan(ride, car, found.planner)
        except Refusal as refusal:
            log.info("no plan for ride %s with car %s: %s", ride.id, car.vehicle.id, refusal)
            self._not_now[car.vehicle.id, ride.id] = now + timedelta(seconds=PAIR_RETRY_S)
            report.counts["plan_refused"] += 1
            return
        self._attempt(report, "assigned", partial(services.commit, fence=self.fence, plan=planned))

    def _correct_etas(self, now: datetime, report: TickReport) -> None:
        # Where the cars' world runs faster than the clock, every promise drifts that much faster.
        for drift in selectors.drifting(now, ETA_TOLERANCE_S * settings.HANSOM_TIME_FACTOR):
            self._attempt(
                report,
                "eta_corrected",
                partial(
                    rides.update_eta,
                    ride_id=drift.ride_id,
                    actor=self.fence.actor,
                    pickup_eta_at=drift.pickup_eta_at,
                    dropoff_eta_at=drift.dropoff_eta_at,
                ),
            )


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "40P01"
