"""The life of a car: 21 sub-states, 92 moves between them, and what regulators see of each (MDS 2.0 names).

A move has an MDS event, or none where MDS has no word for it. What is not in `TRANSITIONS` can't happen.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class VehicleState(StrEnum):
    REMOVED_DEPOT = "removed.depot"
    REMOVED_DECOMMISSIONED = "removed.decommissioned"
    NON_OPERATIONAL_IDLE = "non_operational.idle"
    NON_OPERATIONAL_CHARGING = "non_operational.charging"
    NON_OPERATIONAL_CLEANING = "non_operational.cleaning"
    NON_OPERATIONAL_MAINTENANCE = "non_operational.maintenance"
    NON_OPERATIONAL_UPDATING = "non_operational.updating"
    NON_OPERATIONAL_GROUNDED = "non_operational.grounded"
    AVAILABLE_IDLE = "available.idle"
    AVAILABLE_REPOSITIONING = "available.repositioning"
    AVAILABLE_HELD = "available.held"
    RESERVED_ENROUTE = "reserved.enroute"
    RESERVED_HELD = "reserved.held"
    STOPPED_AT_PICKUP = "stopped.at_pickup"
    STOPPED_BOARDING = "stopped.boarding"
    STOPPED_AT_STOP = "stopped.at_stop"
    STOPPED_UNPLANNED = "stopped.unplanned"
    STOPPED_ALIGHTING = "stopped.alighting"
    ON_TRIP_DRIVING = "on_trip.driving"
    ELSEWHERE = "elsewhere"
    NON_CONTACTABLE = "non_contactable"


class VehicleEvent(StrEnum):
    """MDS event types of passenger services."""

    COMMS_LOST = "comms_lost"
    COMMS_RESTORED = "comms_restored"
    DECOMMISSIONED = "decommissioned"
    MAINTENANCE = "maintenance"
    MAINTENANCE_END = "maintenance_end"
    MAINTENANCE_PICK_UP = "maintenance_pick_up"
    PASSENGER_CANCELLATION = "passenger_cancellation"
    PROVIDER_CANCELLATION = "provider_cancellation"
    RECOMMISSIONED = "recommissioned"
    RESERVATION_START = "reservation_start"
    RESERVATION_STOP = "reservation_stop"
    SERVICE_END = "service_end"
    SERVICE_START = "service_start"
    TRIP_END = "trip_end"
    TRIP_ENTER_JURISDICTION = "trip_enter_jurisdiction"
    TRIP_LEAVE_JURISDICTION = "trip_leave_jurisdiction"
    TRIP_RESUME = "trip_resume"
    TRIP_START = "trip_start"
    TRIP_STOP = "trip_stop"


class MdsState(StrEnum):
    """Vehicle states as MDS and regulators know them."""

    REMOVED = "removed"
    NON_OPERATIONAL = "non_operational"
    AVAILABLE = "available"
    RESERVED = "reserved"
    STOPPED = "stopped"
    ON_TRIP = "on_trip"
    ELSEWHERE = "elsewhere"
    NON_CONTACTABLE = "non_contactable"


@dataclass(frozen=True, slots=True)
class Transition:
    source: VehicleState
    target: VehicleState
    event: VehicleEvent | None


def mds_state(state: VehicleState) -> MdsState:
    """The projection: what stands before the dot."""
    return MdsState(state.value.partition(".")[0])


_S = VehicleState
_E = VehicleEvent
TRANSITIONS: Final[frozenset[Transition]] = frozenset(
    Transition(source, target, event)
    for source, target, event in (
        (_S.REMOVED_DEPOT, _S.NON_OPERATIONAL_IDLE, _E.MAINTENANCE_END),
        (_S.REMOVED_DECOMMISSIONED, _S.NON_OPERATIONAL_IDLE, _E.RECOMMISSIONED),
        (_S.NON_OPERATIONAL_IDLE, _S.REMOVED_DEPOT, _E.MAINTENANCE_PICK_UP),
        (_S.NON_OPERATIONAL_IDLE, _S.REMOVED_DECOMMISSIONED, _E.DECOMMISSIONED),
        (_S.NON_OPERATIONAL_GROUNDED, _S.REMOVED_DEPOT, _E.MAINTENANCE_PICK_UP),
        (_S.NON_OPERATIONAL_IDLE, _S.NON_OPERATIONAL_CHARGING, None),
        (_S.NON_OPERATIONAL_CHARGING, _S.NON_OPERATIONAL_IDLE, None),
        (_S.NON_OPERATIONAL_IDLE, _S.NON_OPERATIONAL_CLEANING, None),
        (_S.NON_OPERATIONAL_CLEANING, _S.NON_OPERATIONAL_IDLE, None),
        (_S.NON_OPERATIONAL_IDLE, _S.NON_OPERATIONAL_UPDATING, None),
        (_S.NON_OPERATIONAL_UPDATING, _S.NON_OPERATIONAL_IDLE, None),
        (_S.NON_OPERATIONAL_UPDATING, _S.NON_OPERATIONAL_GROUNDED, None),
        (_S.NON_OPERATIONAL_IDLE, _S.NON_OPERATIONAL_MAINTENANCE, _E.MAINTENANCE),
        (_S.NON_OPERATIONAL_MAINTENANCE, _S.NON_OPERATIONAL_IDLE, _E.MAINTENANCE_END),
        (_S.NON_OPERATIONAL_IDLE, _S.NON_OPERATIONAL_GROUNDED, None),
        (_S.NON_OPERATIONAL_GROUNDED, _S.NON_OPERATIONAL_IDLE, None),
        (_S.NON_OPERATIONAL_IDLE, _S.AVAILABLE_IDLE, _E.SERVICE_START),
        (_S.AVAILABLE_IDLE, _S.NON_OPERATIONAL_IDLE, _E.SERVICE_END),
        (_S.AVAILABLE_IDLE, _S.NON_OPERATIONAL_CHARGING, _E.SERVICE_END),
        (_S.AVAILABLE_REPOSITIONING, _S.NON_OPERATIONAL_IDLE, _E.SERVICE_END),
        (_S.AVAILABLE_HELD, _S.NON_OPERATIONAL_GROUNDED, _E.SERVICE_END),
        (_S.AVAILABLE_IDLE, _S.AVAILABLE_REPOSITIONING, None),
        (_S.AVAILABLE_REPOSITIONING, _S.AVAILABLE_IDLE, None),
        (_S.AVAILABLE_REPOSITIONING, _S.AVAILABLE_HELD, None),
        (_S.AVAILABLE_HELD, _S.AVAILABLE_REPOSITIONING, None),
        (_S.AVAILABLE_IDLE, _S.AVAILABLE_HELD, None),
        (_S.AVAILABLE_HELD, _S.AVAILABLE_IDLE, None),
        (_S.AVAILABLE_IDLE, _S.RESERVED_ENROUTE, _E.RESERVATION_START),
        (_S.AVAILABLE_REPOSITIONING, _S.RESERVED_ENROUTE, _E.RESERVATION_START),
        (_S.RESERVED_ENROUTE, _S.RESERVED_HELD, None),
        (_S.RESERVED_HELD, _S.RESERVED_ENROUTE, None),
        (_S.RESERVED_ENROUTE, _S.AVAILABLE_IDLE, _E.PASSENGER_CANCELLATION),
        (_S.RESERVED_ENROUTE, _S.AVAILABLE_IDLE, _E.PROVIDER_CANCELLATION),
        (_S.RESERVED_HELD, _S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION),
        (_S.RESERVED_HELD, _S.AVAILABLE_HELD, _E.PASSENGER_CANCELLATION),
        (_S.RESERVED_ENROUTE, _S.STOPPED_AT_PICKUP, _E.RESERVATION_STOP),
        (_S.STOPPED_AT_PICKUP, _S.STOPPED_BOARDING, None),
        (_S.STOPPED_BOARDING, _S.STOPPED_AT_PICKUP, None),
        (_S.STOPPED_AT_PICKUP, _S.AVAILABLE_IDLE, _E.PASSENGER_CANCELLATION),
        (_S.STOPPED_AT_PICKUP, _S.AVAILABLE_IDLE, _E.PROVIDER_CANCELLATION),
        (_S.STOPPED_BOARDING, _S.AVAILABLE_IDLE, _E.PASSENGER_CANCELLATION),
        (_S.STOPPED_BOARDING, _S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION),
        (_S.STOPPED_BOARDING, _S.ON_TRIP_DRIVING, _E.TRIP_START),
        (_S.ON_TRIP_DRIVING, _S.STOPPED_AT_STOP, _E.TRIP_STOP),
        (_S.STOPPED_AT_STOP, _S.ON_TRIP_DRIVING, _E.TRIP_RESUME),
        (_S.ON_TRIP_DRIVING, _S.STOPPED_UNPLANNED, _E.TRIP_STOP),
        (_S.STOPPED_UNPLANNED, _S.ON_TRIP_DRIVING, _E.TRIP_RESUME),
        (_S.STOPPED_UNPLANNED, _S.STOPPED_ALIGHTING, None),
        (_S.STOPPED_UNPLANNED, _S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION),
        (_S.STOPPED_UNPLANNED, _S.AVAILABLE_HELD, _E.TRIP_END),
        (_S.ON_TRIP_DRIVING, _S.STOPPED_ALIGHTING, _E.TRIP_STOP),
        (_S.STOPPED_ALIGHTING, _S.ON_TRIP_DRIVING, _E.TRIP_RESUME),
        (_S.STOPPED_ALIGHTING, _S.AVAILABLE_IDLE, _E.TRIP_END),
        (_S.STOPPED_ALIGHTING, _S.AVAILABLE_HELD, _E.TRIP_END),
        (_S.STOPPED_AT_STOP, _S.AVAILABLE_IDLE, _E.TRIP_END),
        (_S.AVAILABLE_IDLE, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.AVAILABLE_REPOSITIONING, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.AVAILABLE_HELD, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.RESERVED_ENROUTE, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.RESERVED_HELD, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.ON_TRIP_DRIVING, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.STOPPED_UNPLANNED, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.STOPPED_AT_PICKUP, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.STOPPED_BOARDING, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.STOPPED_ALIGHTING, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.STOPPED_AT_STOP, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.NON_OPERATIONAL_IDLE, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.NON_OPERATIONAL_CHARGING, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.NON_OPERATIONAL_UPDATING, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.NON_OPERATIONAL_GROUNDED, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.REMOVED_DEPOT, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.ELSEWHERE, _S.NON_CONTACTABLE, _E.COMMS_LOST),
        (_S.NON_CONTACTABLE, _S.AVAILABLE_HELD, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.AVAILABLE_IDLE, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.RESERVED_ENROUTE, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.RESERVED_HELD, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.ON_TRIP_DRIVING, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.STOPPED_UNPLANNED, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.STOPPED_AT_PICKUP, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.STOPPED_ALIGHTING, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.NON_OPERATIONAL_IDLE, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.NON_OPERATIONAL_GROUNDED, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.REMOVED_DEPOT, _E.COMMS_RESTORED),
        (_S.NON_CONTACTABLE, _S.ELSEWHERE, _E.COMMS_RESTORED),
        (_S.AVAILABLE_REPOSITIONING, _S.ELSEWHERE, _E.TRIP_LEAVE_JURISDICTION),
        (_S.RESERVED_ENROUTE, _S.ELSEWHERE, _E.TRIP_LEAVE_JURISDICTION),
        (_S.ON_TRIP_DRIVING, _S.ELSEWHERE, _E.TRIP_LEAVE_JURISDICTION),
        (_S.NON_OPERATIONAL_IDLE, _S.ELSEWHERE, _E.TRIP_LEAVE_JURISDICTION),
        (_S.ELSEWHERE, _S.AVAILABLE_REPOSITIONING, _E.TRIP_ENTER_JURISDICTION),
        (_S.ELSEWHERE, _S.RESERVED_ENROUTE, _E.TRIP_ENTER_JURISDICTION),
        (_S.ELSEWHERE, _S.ON_TRIP_DRIVING, _E.TRIP_ENTER_JURISDICTION),
        (_S.ELSEWHERE, _S.NON_OPERATIONAL_IDLE, _E.TRIP_ENTER_JURISDICTION),
    )
)


def targets(source: VehicleState, event: VehicleEvent | None) -> frozenset[VehicleState]:
    """Where `event` may lead from `source`; empty: it can't happen there."""
    return frozenset(t.target for t in TRANSITIONS if t.source is source and t.event is event)


def may(source: VehicleState, target: VehicleState, event: VehicleEvent | None) -> bool:
    return Transition(source, target, event) in TRANSITIONS
