"""Draws one scene and writes the pictures: `python on_a_simulated_gpu.py cpu|cuda OUT.npy`. Run by test_gpu.py, once
compiled and once in numba's CUDA simulator."""

import sys

import numpy as np

from autonomy.sim.grid import grid_town
from autonomy.sim.render import CarView, Renderer
from autonomy.sim.roads import RoadMap
from autonomy.world.scene import Bodies, Scene, SignalHeads, Weather

device, out = sys.argv[1:]
renderer = Renderer(RoadMap.from_arrays(grid_town(2, 2)), device=device)
places = renderer.side.signal_places
x, y, heading = renderer.side.place(0, 60.0, 1.6)
c, s = np.cos(heading), np.sin(heading)
bodies = Bodies(
    kind=np.array([0, 7, 4]),
    pose=np.array([(x + a * c - b * s, y + a * s + b * c, heading, 0.0) for a, b in ((12, 0), (9, -3), (20, 5))]),
    size=np.array([(4.6, 1.85, 1.5), (0.5, 0.5, 1.75), (9.0, 2.5, 3.0)]),
    colour=np.full((3, 3), (160, 30, 30), dtype=np.uint8),
    lights=np.array([1, 0, 16]),
    owner=("", "", ""),
)
signals = SignalHeads(places.pose, np.arange(len(places.pose)) % 3 + 1)
weather = Weather(rain=0.4, wet=0.5, sun_elevation_rad=0.05)
frames = [
    renderer.frames(Scene(3.0 + k, bodies, signals, weather), [CarView("ego", "p7", x + 30 * k * c, y, heading)],
                    width=24, height=16)
    for k in range(2)
]  # fmt: skip
np.save(out, np.concatenate(frames))
