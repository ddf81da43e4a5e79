"""The situation at one moment: who wants a car, who could come, on which roads."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.matching.domain.build import Car, Demand
from dispatch.matching.domain.energy import EnergyModel
from dispatch.quotes.cars import PlacedCar, free_cars
from dispatch.rides import selectors as rides
from dispatch.rides.domain.machine import WANTING, RideState
from dispatch.rides.models import Ride
from geofence.base.errors import Refusal
from geofence.odd import selectors as odd
from geofence.odd.domain.planner import RoutePlanner
from geofence.roads import selectors as roads
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition

ENERGY = EnergyModel()


@dataclass(frozen=True, slots=True)
class Unservable:
    """A ride that no car may drive any more, and why."""

    ride: Ride
    refusal: Refusal


@dataclass(frozen=True, eq=False)
class Situation:
    """Rides and demands are in the same order, and so are placed cars and cars."""

    planner: RoutePlanner
    rides: list[Ride]
    demands: list[Demand]
    placed: list[PlacedCar]
    cars: list[Car]
    unservable: list[Unservable]


class TripLengths:
    """Lengths of trips that were planned before, as long as roads and domain are the same."""

    def __init__(self) -> None:
        self._known: dict[UUID, float] = {}
        self._key: tuple[object, ...] = ()

    def of(self, ride: Ride, planner: RoutePlanner, pickup: RoadPosition, dropoff: RoadPosition) -> float:
        """Metres from pick-up to drop-off. Raises Refusal when the trip may not be driven."""
        key = (planner.network.version, planner.odd.version, planner.odd.digest, planner.at.hour, planner.at.minute)
        if key != self._key:
            self._known, self._key = {}, key
        if ride.id not in self._known:
            self._known[ride.id] = planner.route(pickup, dropoff).distance_m
        return self._known[ride.id]


def ends_of(ride: Ride, network: Network) -> tuple[RoadPosition, RoadPosition]:
    """Where the ride begins and ends on the network in use, which may be another than when it was quoted.

    Raises Refusal `not_on_road`.
    """
    if ride.map_digest == network.digest:
        return (
            RoadPosition(ride.pickup_edge, ride.pickup_offset_m),
            RoadPosition(ride.dropoff_edge, ride.dropoff_offset_m),
        )
    return (
        network.snap(ride.pickup_lon, ride.pickup_lat).position,
        network.snap(ride.dropoff_lon, ride.dropoff_lat).position,
    )


def _demand(ride: Ride, planner: RoutePlanner, lengths: TripLengths) -> Demand:
    pickup, dropoff = ends_of(ride, planner.network)
    assert ride.wanting_since is not None
    return Demand(
        ride_id=ride.id,
        pickup=pickup,
        seats=ride.seats,
        wheelchair=ride.wheelchair,
        trip_m=lengths.of(ride, planner, pickup, dropoff),
        age_s=max(0.0, (planner.at - ride.wanting_since).total_seconds()),
        rescue=ride.state == RideState.TRANSFERRING,
    )


def _car(placed: PlacedCar) -> Car:
    vehicle = placed.vehicle
    reach_m = ENERGY.reach_m(vehicle.soc_pct)
    return Car(vehicle.id, placed.position, vehicle.seats, vehicle.wheelchair_accessible, reach_m)


def situation(now: datetime, lengths: TripLengths) -> Situation:
    """Everything that wants a car and every free car at `now`. Raises NoNetwork when no city is imported."""
    network = roads.network()
    planner = odd.planner(now, network=network)
    wanting: list[Ride] = []
    demands: list[Demand] = []
    unservable: list[Unservable] = []
    for ride in rides.in_states(WANTING):
        try:
            demands.append(_demand(ride, planner, lengths))
            wanting.append(ride)
        except Refusal as refusal:
            unservable.append(Unservable(ride, refusal))
    placed = free_cars(now, network) if demands else []
    return Situation(planner, wanting, demands, placed, [_car(car) for car in placed], unservable)
