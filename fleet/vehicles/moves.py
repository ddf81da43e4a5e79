"""What happens to cars, as steps through the state table.

The world speaks of arrivals, holds and orders; the table speaks of states and MDS events. Each move below says which
steps it takes from each state in which it can happen; an empty path means that nothing changes there, and a state that
is missing means that the move can't happen in it. A test checks every step against `domain.TRANSITIONS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleet.vehicles.domain import TRANSITIONS, VehicleEvent, VehicleState

_S = VehicleState
_E = VehicleEvent
Step = tuple[VehicleState, VehicleEvent | None]
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    paths: Mapping[VehicleState, Path]

    def path(self, source: VehicleState) -> Path | None:
        """The steps from `source`; None: the move can't happen there."""
        return self.paths.get(source)


RESERVE: Final = Move(
    "reserve",
    {
        _S.AVAILABLE_IDLE: ((_S.RESERVED_ENROUTE, _E.RESERVATION_START),),
        _S.AVAILABLE_REPOSITIONING: ((_S.RESERVED_ENROUTE, _E.RESERVATION_START),),
    },
)
REPOSITION: Final = Move(
    "reposition",
    {_S.AVAILABLE_IDLE: ((_S.AVAILABLE_REPOSITIONING, None),), _S.AVAILABLE_REPOSITIONING: ()},
)
ARRIVE_AT_PICKUP: Final = Move(
    "arrive_at_pickup",
    {
        _S.RESERVED_ENROUTE: ((_S.STOPPED_AT_PICKUP, _E.RESERVATION_STOP),),
        _S.RESERVED_HELD: ((_S.RESERVED_ENROUTE, None), (_S.STOPPED_AT_PICKUP, _E.RESERVATION_STOP)),
    },
)
UNLOCK: Final = Move("unlock", {_S.STOPPED_AT_PICKUP: ((_S.STOPPED_BOARDING, None),), _S.STOPPED_BOARDING: ()})
DEPART: Final = Move(
    "depart",
    {
        _S.STOPPED_BOARDING: ((_S.ON_TRIP_DRIVING, _E.TRIP_START),),
        _S.STOPPED_AT_PICKUP: ((_S.STOPPED_BOARDING, None), (_S.ON_TRIP_DRIVING, _E.TRIP_START)),
        _S.STOPPED_AT_STOP: ((_S.ON_TRIP_DRIVING, _E.TRIP_RESUME),),
        _S.STOPPED_ALIGHTING: ((_S.ON_TRIP_DRIVING, _E.TRIP_RESUME),),
    },
)
ARRIVE_AT_STOP: Final = Move(
    "arrive_at_stop",
    {
        _S.ON_TRIP_DRIVING: ((_S.STOPPED_AT_STOP, _E.TRIP_STOP),),
        _S.STOPPED_UNPLANNED: ((_S.ON_TRIP_DRIVING, _E.TRIP_RESUME), (_S.STOPPED_AT_STOP, _E.TRIP_STOP)),
    },
)
ARRIVE_AT_DROPOFF: Final = Move(
    "arrive_at_dropoff",
    {
        _S.ON_TRIP_DRIVING: ((_S.STOPPED_ALIGHTING, _E.TRIP_STOP),),
        _S.STOPPED_UNPLANNED: ((_S.STOPPED_ALIGHTING, None),),
    },
)
FINISH_RIDE: Final = Move(
    "finish_ride",
    {
        _S.STOPPED_ALIGHTING: ((_S.AVAILABLE_IDLE, _E.TRIP_END),),
        _S.STOPPED_AT_STOP: ((_S.AVAILABLE_IDLE, _E.TRIP_END),),
        _S.STOPPED_UNPLANNED: ((_S.AVAILABLE_HELD, _E.TRIP_END),),
        _S.ON_TRIP_DRIVING: ((_S.STOPPED_ALIGHTING, _E.TRIP_STOP), (_S.AVAILABLE_IDLE, _E.TRIP_END)),
    },
)
FINISH_EMPTY: Final = Move(
    "finish_empty",
    {
        _S.AVAILABLE_REPOSITIONING: ((_S.AVAILABLE_IDLE, None),),
        _S.AVAILABLE_IDLE: (),
        _S.AVAILABLE_HELD: (),
    },
)
HOLD: Final = Move(
    "hold",
    {
        _S.AVAILABLE_IDLE: ((_S.AVAILABLE_HELD, None),),
        _S.AVAILABLE_REPOSITIONING: ((_S.AVAILABLE_HELD, None),),
        _S.RESERVED_ENROUTE: ((_S.RESERVED_HELD, None),),
        _S.ON_TRIP_DRIVING: ((_S.STOPPED_UNPLANNED, _E.TRIP_STOP),),
        # These stand already; who holds them is written on its own axis.
        **dict.fromkeys(
            (
                _S.AVAILABLE_HELD,
                _S.RESERVED_HELD,
                _S.STOPPED_UNPLANNED,
                _S.STOPPED_AT_PICKUP,
                _S.STOPPED_BOARDING,
                _S.STOPPED_AT_STOP,
                _S.STOPPED_ALIGHTING,
            ),
            (),
        ),
    },
)
RESUME: Final = Move(
    "resume",
    {
        _S.AVAILABLE_HELD: ((_S.AVAILABLE_IDLE, None),),
        _S.RESERVED_HELD: ((_S.RESERVED_ENROUTE, None),),
        _S.STOPPED_UNPLANNED: ((_S.ON_TRIP_DRIVING, _E.TRIP_RESUME),),
        **dict.fromkeys(
            (
                _S.AVAILABLE_IDLE,
                _S.AVAILABLE_REPOSITIONING,
                _S.RESERVED_ENROUTE,
                _S.ON_TRIP_DRIVING,
                _S.STOPPED_AT_PICKUP,
                _S.STOPPED_BOARDING,
                _S.STOPPED_AT_STOP,
                _S.STOPPED_ALIGHTING,
            ),
            (),
        ),
    },
)
_ON_BOARD_ENDS: Final[dict[VehicleState, Path]] = {
    _S.ON_TRIP_DRIVING: ((_S.STOPPED_UNPLANNED, _E.TRIP_STOP), (_S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION)),
    _S.STOPPED_UNPLANNED: ((_S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION),),
    _S.STOPPED_ALIGHTING: ((_S.AVAILABLE_HELD, _E.TRIP_END),),
    _S.STOPPED_AT_STOP: ((_S.AVAILABLE_IDLE, _E.TRIP_END),),
}
CANCEL_BY_PROVIDER: Final = Move(
    "cancel_by_provider",
    {
        _S.RESERVED_ENROUTE: ((_S.AVAILABLE_IDLE, _E.PROVIDER_CANCELLATION),),
        _S.RESERVED_HELD: ((_S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION),),
        _S.STOPPED_AT_PICKUP: ((_S.AVAILABLE_IDLE, _E.PROVIDER_CANCELLATION),),
        _S.STOPPED_BOARDING: ((_S.AVAILABLE_HELD, _E.PROVIDER_CANCELLATION),),
        **_ON_BOARD_ENDS,
    },
)
CANCEL_BY_PASSENGER: Final = Move(
    "cancel_by_passenger",
    {
        _S.RESERVED_ENROUTE: ((_S.AVAILABLE_IDLE, _E.PASSENGER_CANCELLATION),),
        _S.RESERVED_HELD: ((_S.AVAILABLE_HELD, _E.PASSENGER_CANCELLATION),),
        _S.STOPPED_AT_PICKUP: ((_S.AVAILABLE_IDLE, _E.PASSENGER_CANCELLATION),),
        _S.STOPPED_BOARDING: ((_S.AVAILABLE_IDLE, _E.PASSENGER_CANCELLATION),),
        **_ON_BOARD_ENDS,
    },
)
_TO_GROUND: Final[dict[VehicleState, Path]] = {
    _S.AVAILABLE_HELD: ((_S.NON_OPERATIONAL_GROUNDED, _E.SERVICE_END),),
    _S.AVAILABLE_IDLE: ((_S.NON_OPERATIONAL_IDLE, _E.SERVICE_END), (_S.NON_OPERATIONAL_GROUNDED, None)),
    _S.AVAILABLE_REPOSITIONING: ((_S.NON_OPERATIONAL_IDLE, _E.SERVICE_END), (_S.NON_OPERATIONAL_GROUNDED, None)),
    _S.NON_OPERATIONAL_IDLE: ((_S.NON_OPERATIONAL_GROUNDED, None),),
    _S.NON_OPERATIONAL_CHARGING: ((_S.NON_OPERATIONAL_IDLE, None), (_S.NON_OPERATIONAL_GROUNDED, None)),
    _S.NON_OPERATIONAL_CLEANING: ((_S.NON_OPERATIONAL_IDLE, None), (_S.NON_OPERATIONAL_GROUNDED, None)),
    _S.NON_OPERATIONAL_UPDATING: ((_S.NON_OPERATIONAL_GROUNDED, None),),
    _S.NON_OPERATIONAL_GROUNDED: (),
}
GROUND: Final = Move("ground", _TO_GROUND)
CLEAR: Final = Move("clear", {_S.NON_OPERATIONAL_GROUNDED: ((_S.NON_OPERATIONAL_IDLE, None),)})
START_SERVICE: Final = Move(
    "start_service",
    {
        _S.NON_OPERATIONAL_IDLE: ((_S.AVAILABLE_IDLE, _E.SERVICE_START),),
        _S.NON_OPERATIONAL_CHARGING: ((_S.NON_OPERATIONAL_IDLE, None), (_S.AVAILABLE_IDLE, _E.SERVICE_START)),
        _S.REMOVED_DEPOT: (
            (_S.NON_OPERATIONAL_IDLE, _E.MAINTENANCE_END),
            (_S.AVAILABLE_IDLE, _E.SERVICE_START),
        ),
    },
)
END_SERVICE: Final = Move(
    "end_service",
    {
        _S.AVAILABLE_IDLE: ((_S.NON_OPERATIONAL_IDLE, _E.SERVICE_END),),
        _S.AVAILABLE_REPOSITIONING: ((_S.NON_OPERATIONAL_IDLE, _E.SERVICE_END),),
    },
)
START_CHARGING: Final = Move(
    "start_charging",
    {
        _S.AVAILABLE_IDLE: ((_S.NON_OPERATIONAL_CHARGING, _E.SERVICE_END),),
        _S.AVAILABLE_REPOSITIONING: ((_S.AVAILABLE_IDLE, None), (_S.NON_OPERATIONAL_CHARGING, _E.SERVICE_END)),
        _S.NON_OPERATIONAL_IDLE: ((_S.NON_OPERATIONAL_CHARGING, None),),
    },
)
LOSE_CONTACT: Final = Move(
    "lose_contact",
    {t.source: ((_S.NON_CONTACTABLE, _E.COMMS_LOST),) for t in TRANSITIONS if t.event is _E.COMMS_LOST},
)
# From silence back to a state. MDS names some of them; the others are reached through their neighbour.
_BACK: Final[dict[VehicleState, Path]] = {
    **{t.target: ((t.target, _E.COMMS_RESTORED),) for t in TRANSITIONS if t.event is _E.COMMS_RESTORED},
    _S.STOPPED_BOARDING: ((_S.STOPPED_AT_PICKUP, _E.COMMS_RESTORED), (_S.STOPPED_BOARDING, None)),
    _S.STOPPED_AT_STOP: ((_S.ON_TRIP_DRIVING, _E.COMMS_RESTORED), (_S.STOPPED_AT_STOP, _E.TRIP_STOP)),
    _S.AVAILABLE_REPOSITIONING: ((_S.AVAILABLE_IDLE, _E.COMMS_RESTORED), (_S.AVAILABLE_REPOSITIONING, None)),
    _S.NON_OPERATIONAL_CHARGING: ((_S.NON_OPERATIONAL_IDLE, _E.COMMS_RESTORED), (_S.NON_OPERATIONAL_CHARGING, None)),
    _S.NON_OPERATIONAL_UPDATING: ((_S.NON_OPERATIONAL_IDLE, _E.COMMS_RESTORED), (_S.NON_OPERATIONAL_UPDATING, None)),
}
_BOTH_STAND_OR_DRIVE: Final = (
    frozenset({_S.AVAILABLE_IDLE, _S.AVAILABLE_HELD}),
    frozenset({_S.AVAILABLE_REPOSITIONING, _S.AVAILABLE_HELD}),
    frozenset({_S.RESERVED_ENROUTE, _S.RESERVED_HELD}),
    frozenset({_S.ON_TRIP_DRIVING, _S.STOPPED_UNPLANNED}),
)


def back_to(target: VehicleState) -> Path:
    """The steps from silence to `target`."""
    return _BACK[target]


def agreed_state(platform: VehicleState, reported: str) -> VehicleState:
    """The state in which a car comes back from silence.

    The platform's record stands, since the car's own events follow and move it on; only in whether it stands or
    drives, which the car alone can know, is the car believed.
    """
    try:
        car = VehicleState(reported)
    except ValueError:
        return platform
    believed = frozenset({platform, car}) in _BOTH_STAND_OR_DRIVE and car in _BACK
    return car if believed else platform


ALL_MOVES: Final = (
    RESERVE,
    REPOSITION,
    ARRIVE_AT_PICKUP,
    UNLOCK,
    DEPART,
    ARRIVE_AT_STOP,
    ARRIVE_AT_DROPOFF,
    FINISH_RIDE,
    FINISH_EMPTY,
    HOLD,
    RESUME,
    CANCEL_BY_PROVIDER,
    CANCEL_BY_PASSENGER,
    GROUND,
    CLEAR,
    START_SERVICE,
    END_SERVICE,
    START_CHARGING,
    LOSE_CONTACT,
)
