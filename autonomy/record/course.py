"""A populated world for recorded drives: cars on errands among people and traffic, with cameras."""

from pathlib import Path

from autonomy.sim.errands import Errands
from autonomy.sim.population import populate
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World

PER_KM = {"vehicles": 2.5, "pedestrians": 7.0, "cyclists": 1.0, "parked": 4.0}


def course(path: Path, *, cars: int, seed: int) -> Errands:
    """Cars at random kerb places; the seed decides all. Raises ValueError for a map that can't be read."""
    road_map = RoadMap.load(path)
    world = World(road_map, seed=seed)
    errands = Errands(world, seed, pause_s=(1.0, 4.0))
    errands.add_cars(cars)
    km = float(road_map.edge_length_m.sum()) / 2000.0
    count = {name: round(km * share) for name, share in PER_KM.items()}
    populate(
        world,
        seed=seed,
        vehicles=count["vehicles"],
        pedestrians=count["pedestrians"],
        cyclists=count["cyclists"],
        parked=count["parked"],
    )
    world.attach_renderer(Renderer(road_map, seed=seed, side=world.roadside))
    return errands
