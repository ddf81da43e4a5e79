"""The drive that one car would make for one ride: the way to the rider and the trip, both allowed as a whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.matching.selectors import ENERGY, ends_of
from dispatch.quotes.cars import PlacedCar
from dispatch.quotes.selectors import BOARDING_S
from dispatch.rides.models import Ride
from fleet.missions.domain import PlannedLeg, PlannedStop, Previous
from geofence.base.errors import Unprocessable
from geofence.odd import selectors as odd
from geofence.odd.domain.planner import RoutePlanner
from geofence.roads.domain.router import Route

# The rider gets out and shuts the door.
ALIGHTING_S = 15.0


@dataclass(frozen=True, eq=False)
class Plan:
    """Ready to be committed: compared again with the ride's and the car's versions that it was made for."""

    ride: Ride
    car: PlacedCar
    stops: tuple[PlannedStop, PlannedStop]
    legs: tuple[PlannedLeg, PlannedLeg]
    pickup_at: datetime
    dropoff_at: datetime
    previous: Previous | None


def plan(ride: Ride, car: PlacedCar, planner: RoutePlanner) -> Plan:
    """Plan both legs for the times at which they will be driven. Raises Refusal when one is not allowed, or when the
    charge does not reach to the end of the trip (`low_charge`)."""
    pickup, dropoff = ends_of(ride, planner.network)
    approach = planner.route(car.position, pickup)
    pickup_at = planner.at + timedelta(seconds=approach.duration_s)
    departs = pickup_at + timedelta(seconds=BOARDING_S)
    trip_planner = odd.planner(departs, network=planner.network, odd=planner.odd)
    trip = trip_planner.route(pickup, dropoff)
    if approach.distance_m + trip.distance_m > ENERGY.reach_m(car.vehicle.soc_pct):
        raise Unprocessable("low_charge", "The car's charge does not reach to the end of the trip.")
    legs = (_leg(planner, approach), _leg(trip_planner, trip))
    stops = (
        PlannedStop(
            kind="pickup",
            lon=ride.pickup_lon,
            lat=ride.pickup_lat,
            edge=pickup.edge,
            offset_m=pickup.offset_m,
            name=ride.pickup_name,
            wait_for_proceed=True,
        ),
        PlannedStop(
            kind="dropoff",
            lon=ride.dropoff_lon,
            lat=ride.dropoff_lat,
            edge=dropoff.edge,
            offset_m=dropoff.offset_m,
            name=ride.dropoff_name,
            dwell_s=ALIGHTING_S,
        ),
    )
    mission_id = car.vehicle.mission_id
    previous = Previous(mission_id=str(mission_id), version=car.vehicle.mission_version) if mission_id else None
    return Plan(ride, car, stops, legs, pickup_at, departs + timedelta(seconds=trip.duration_s), previous)


def _leg(planner: RoutePlanner, route: Route) -> PlannedLeg:
    return PlannedLeg(
        route=route,
        odd_version=planner.odd.version,
        odd_digest=planner.odd.digest,
        map_digest=planner.network.digest,
        speed_caps=planner.speed_caps(route),
    )
