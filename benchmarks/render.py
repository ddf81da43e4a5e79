"""What camera pictures cost: processor time of the five cameras of a car, 128 x 64 pixels each.

python -m benchmarks.render [--map MAP.npz] [--cars 16] [--repeats 15]
Figures are processor time of one thread, the median of the repeats, with traffic, walkers and parked cars about.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from math import pi
from pathlib import Path

import numpy as np

from autonomy.sim.grid import grid_town
from autonomy.sim.population import populate
from autonomy.sim.render import CarView, Renderer, views_of
from autonomy.sim.render.ground import GroundAtlas
from autonomy.sim.roads import AREA_BUILDING, RoadMap
from autonomy.sim.world import World
from autonomy.world.scene import Weather
from benchmarks import report

WEATHERS = {
    "clear": Weather(),
    "night": Weather(sun_elevation_rad=-0.4),
    "rain": Weather(rain=0.8, wet=1.0, cloud=1.0, visibility_m=1500.0),
    "fog": Weather(visibility_m=60.0, cloud=0.8),
    "low_sun": Weather(sun_elevation_rad=0.12, sun_azimuth_rad=pi / 3, cloud=0.05),
}
CAMERAS = 5


def processor_ms(work: Callable[[], object], repeats: int) -> float:
    """Median processor time of a call, after one that does not count."""
    work()
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken)


def busy_world(road_map: RoadMap, cars: int) -> tuple[World, list[CarView]]:
    """A world with so many cars to look from, half a minute old."""
    world = World(road_map, seed=1)
    populate(world, seed=1, vehicles=cars, pedestrians=2 * cars, cyclists=cars // 2, parked=cars)
    for _ in range(300):
        world.step(0.1)
    views = views_of(world, list(world.cars)[:cars])
    return world, [CarView(view.car_id, "p7", view.x, view.y, view.heading) for view in views]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--map", type=Path, help="default: a chequerboard town without buildings")
    parser.add_argument("--cars", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args(arguments)
    road_map = RoadMap.load(options.map) if options.map else RoadMap.from_arrays(grid_town(9, 9))
    world, views = busy_world(road_map, options.cars)
    began = time.process_time()
    renderer = Renderer(road_map, side=world.roadside)
    figures: dict[str, report.Figure] = {
        "map": options.map.stem if options.map else "grid 9x9",
        "cars": len(views),
        "cameras_per_car": CAMERAS,
        "bodies": world.scene().bodies.count,
        "buildings": int((road_map.area_kind == AREA_BUILDING).sum()),
        "set_up_s": round(time.process_time() - began, 2),
        "scene_ms": round(processor_ms(world.scene, options.repeats), 3),
    }
    for name, weather in WEATHERS.items():
        world.weather = weather
        scene = world.scene()
        spent = processor_ms(lambda scene=scene: renderer.frames(scene, views), options.repeats)  # type: ignore[misc]
        figures[f"{name}_ms_per_car"] = round(spent / len(views), 3)
    world.weather = WEATHERS["clear"]
    scene = world.scene()
    alone = processor_ms(lambda: renderer.frames(scene, views[:1]), options.repeats)
    figures["one_car_alone_ms"] = round(alone, 3)
    clear = float(figures["clear_ms_per_car"])
    figures["pictures_per_s_per_core"] = round(1000 / clear * CAMERAS)
    figures["cars_at_5_hz_per_core"] = round(1000 / 5 / clear)
    figures["ground_tile_ms"] = round(tile_ms(road_map, world), 2)
    for name, value in figures.items():
        print(f"{name:28} {value}")
    report.write(
        "render",
        figures,
        "Processor time of one thread on a machine that does other work too. A tile of painted ground (51.2 m square, "
        "0.2 m and coarser) is made when a camera first comes near and kept; its cost is not in the figures a car.",
    )


def tile_ms(road_map: RoadMap, world: World) -> float:
    """Processor time of painting one tile of ground, over all tiles of a straight line through the map."""
    atlas = GroundAtlas(road_map, world.roadside, np.zeros((0, 2)))
    low, high = road_map.geom_xy.min(axis=0), road_map.geom_xy.max(axis=0)
    x = np.linspace(low[0], high[0], 40)
    y = np.full(40, (low[1] + high[1]) / 2)
    began = time.process_time()
    atlas.need(x, y)
    tiles = int((atlas.arrays.slot_of >= 0).sum())
    return 1000 * (time.process_time() - began) / max(tiles, 1)


if __name__ == "__main__":
    main()
