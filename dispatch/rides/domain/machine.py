"""The life of a ride as one typed table: 18 states, 39 transitions, with the MDS event that each one makes.

Names of states and of MDS events (passenger services, Mobility Data Specification 2.0) come from the platform's
reference table; `RideEvent` names what happened, so that (state, event) decides the next state.
"""

from dataclasses import dataclass
from enum import StrEnum


class RideState(StrEnum):
    QUOTED = "quoted"
    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    MATCHING = "matching"
    RESERVED = "reserved"
    ARRIVED = "arrived"
    BOARDING = "boarding"
    ON_TRIP = "on_trip"
    STOPPED = "stopped"
    HELD = "held"
    ALIGHTING = "alighting"
    TRANSFERRING = "transferring"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REJECTED = "rejected"
    EXPIRED = "expired"
    FAILED = "failed"


class RideEvent(StrEnum):
    """What happens to a ride."""

    BOOKED = "booked"
    LAPSED = "lapsed"  # the quote was not booked in time
    OPENED = "opened"  # the dispatcher looks for a car from now on
    POSTPONED = "postponed"  # wanted later, not now
    NOT_SERVED = "not_served"  # no car could be found, or none may go there any more
    MATCHED = "matched"
    CAR_LOST = "car_lost"  # the car can't come; another one is looked for
    CAR_ARRIVED = "car_arrived"
    UNLOCKED = "unlocked"
    NOT_BOARDED = "not_boarded"
    NO_SHOW = "no_show"
    DEPARTED = "departed"
    STOPPED = "stopped"  # at a stop that was planned
    HELD = "held"  # at a place that was not
    RESUMED = "resumed"
    DROPOFF_REACHED = "dropoff_reached"
    ENDED = "ended"
    RESCUE_CALLED = "rescue_called"  # the rider goes on in another car
    RIDER_CANCELLED = "rider_cancelled"
    FLEET_CANCELLED = "fleet_cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; `mds_event` is None where MDS knows no event."""

    source: RideState
    event: RideEvent
    target: RideState
    mds_event: str | None = None


_S, _E = RideState, RideEvent

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.QUOTED, _E.BOOKED, _S.REQUESTED),
    Transition(_S.QUOTED, _E.LAPSED, _S.EXPIRED),
    Transition(_S.REQUESTED, _E.OPENED, _S.MATCHING),
    Transition(_S.REQUESTED, _E.POSTPONED, _S.SCHEDULED),
    Transition(_S.REQUESTED, _E.NOT_SERVED, _S.REJECTED),
    Transition(_S.REQUESTED, _E.RIDER_CANCELLED, _S.CANCELLED),
    Transition(_S.SCHEDULED, _E.OPENED, _S.MATCHING),
    Transition(_S.SCHEDULED, _E.RIDER_CANCELLED, _S.CANCELLED),
    Transition(_S.SCHEDULED, _E.NOT_SERVED, _S.REJECTED),
    Transition(_S.MATCHING, _E.MATCHED, _S.RESERVED, "reservation_start"),
    Transition(_S.MATCHING, _E.NOT_SERVED, _S.REJECTED),
    Transition(_S.MATCHING, _E.RIDER_CANCELLED, _S.CANCELLED),
    Transition(_S.RESERVED, _E.CAR_ARRIVED, _S.ARRIVED, "reservation_stop"),
    Transition(_S.RESERVED, _E.CAR_LOST, _S.MATCHING, "provider_cancellation"),
    Transition(_S.RESERVED, _E.RIDER_CANCELLED, _S.CANCELLED, "passenger_cancellation"),
    Transition(_S.RESERVED, _E.FLEET_CANCELLED, _S.CANCELLED, "provider_cancellation"),
    Transition(_S.ARRIVED, _E.UNLOCKED, _S.BOARDING),
    Transition(_S.ARRIVED, _E.NO_SHOW, _S.NO_SHOW, "provider_cancellation"),
    Transition(_S.ARRIVED, _E.RIDER_CANCELLED, _S.CANCELLED, "passenger_cancellation"),
    Transition(_S.ARRIVED, _E.CAR_LOST, _S.MATCHING, "provider_cancellation"),
    Transition(_S.BOARDING, _E.DEPARTED, _S.ON_TRIP, "trip_start"),
    Transition(_S.BOARDING, _E.NOT_BOARDED, _S.ARRIVED),
    Transition(_S.BOARDING, _E.RIDER_CANCELLED, _S.CANCELLED, "passenger_cancellation"),
    Transition(_S.BOARDING, _E.CAR_LOST, _S.MATCHING, "provider_cancellation"),
    Transition(_S.ON_TRIP, _E.STOPPED, _S.STOPPED, "trip_stop"),
    Transition(_S.ON_TRIP, _E.HELD, _S.HELD, "trip_stop"),
    Transition(_S.ON_TRIP, _E.DROPOFF_REACHED, _S.ALIGHTING, "trip_stop"),
    Transition(_S.STOPPED, _E.RESUMED, _S.ON_TRIP, "trip_resume"),
    Transition(_S.STOPPED, _E.ENDED, _S.COMPLETED, "trip_end"),
    Transition(_S.HELD, _E.RESUMED, _S.ON_TRIP, "trip_resume"),
    Transition(_S.HELD, _E.DROPOFF_REACHED, _S.ALIGHTING),
    Transition(_S.HELD, _E.RESCUE_CALLED, _S.TRANSFERRING, "provider_cancellation"),
    Transition(_S.HELD, _E.FAILED, _S.FAILED, "provider_cancellation"),
    Transition(_S.TRANSFERRING, _E.MATCHED, _S.RESERVED, "reservation_start"),
    Transition(_S.TRANSFERRING, _E.FAILED, _S.FAILED),
    Transition(_S.TRANSFERRING, _E.RIDER_CANCELLED, _S.CANCELLED),
    Transition(_S.ALIGHTING, _E.ENDED, _S.COMPLETED, "trip_end"),
    Transition(_S.ALIGHTING, _E.RESUMED, _S.ON_TRIP, "trip_resume"),
    Transition(_S.ALIGHTING, _E.RESCUE_CALLED, _S.TRANSFERRING, "provider_cancellation"),
)

_BY_PAIR = {(row.source, row.event): row for row in TRANSITIONS}

TERMINAL = frozenset({_S.COMPLETED, _S.CANCELLED, _S.NO_SHOW, _S.REJECTED, _S.EXPIRED, _S.FAILED})
# A car is on its way to, or with, the rider.
WITH_CAR = frozenset({_S.RESERVED, _S.ARRIVED, _S.BOARDING, _S.ON_TRIP, _S.STOPPED, _S.HELD, _S.ALIGHTING})
# The rider sits in the car.
ON_BOARD = frozenset({_S.ON_TRIP, _S.STOPPED, _S.HELD, _S.ALIGHTING})
# A car is wanted.
WANTING = frozenset({_S.MATCHING, _S.TRANSFERRING})
# Booked and not ended: what counts against a rider's number of open rides, and what the console shows.
OPEN = frozenset(RideState) - TERMINAL - {_S.QUOTED}

# MDS vehicle state during the ride's state; None: the ride occupies no vehicle.
MDS_STATE: dict[RideState, str | None] = {
    **dict.fromkeys(RideState),
    _S.RESERVED: "reserved",
    _S.ARRIVED: "stopped",
    _S.BOARDING: "stopped",
    _S.ON_TRIP: "on_trip",
    _S.STOPPED: "stopped",
    _S.HELD: "stopped",
    _S.ALIGHTING: "stopped",
}


def transition(state: RideState, event: RideEvent) -> Transition | None:
    """The row for `event` in `state`, or None when it can't happen there."""
    return _BY_PAIR.get((state, event))


def may(state: RideState, event: RideEvent) -> bool:
    return (state, event) in _BY_PAIR
