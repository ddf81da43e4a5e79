"""Free cars on the road network: where each stands, as the router wants it."""

from dataclasses import dataclass
from datetime import datetime

from fleet.vehicles import selectors as vehicles
from fleet.vehicles.selectors import FreeVehicle
from geofence.base.errors import Refusal
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition


@dataclass(frozen=True, slots=True)
class PlacedCar:
    """A free car and its place on the network in use."""

    vehicle: FreeVehicle
    position: RoadPosition


def placed(vehicle: FreeVehicle, network: Network) -> PlacedCar | None:
    """The car's own word for where it stands counts, when it drives on the same map; else its position is snapped,
    in the direction in which it looks. None: it is not on a road that we know."""
    if vehicle.edge is not None and vehicle.map_digest == network.digest and vehicle.edge < network.graph.edge_count:
        length_m = float(network.graph.edge_length_m[vehicle.edge])
        return PlacedCar(vehicle, RoadPosition(vehicle.edge, min(max(vehicle.offset_m, 0.0), length_m)))
    try:
        snapped = network.snap(vehicle.lon, vehicle.lat, heading_deg=vehicle.heading_deg)
    except Refusal:
        return None
    return PlacedCar(vehicle, snapped.position)


def free_cars(now: datetime, network: Network) -> list[PlacedCar]:
    """Every car that may get a ride now and stands on the network."""
    found = (placed(vehicle, network) for vehicle in vehicles.free(now))
    return [car for car in found if car is not None]
