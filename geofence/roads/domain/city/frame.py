"""The plane in which the city is planned, and how it is bent into the plane in which it is built.

The plan is made in (u, v) metres where the river is the strip around v = 0; `Frame.bend` turns it, lets the river
meander and waves all streets gently, so that nothing stays straight that would not be straight in a grown city.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geofence.roads.domain.graph import F8

Shape = TypeVar("Shape", bound=BaseGeometry)

RIVER_HALF_M = 46.0
QUAY_M = 74.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Size and bends of one city. `radius_m` is the mean radius of the ring road around `centre_v_m`."""

    radius_m: float
    centre_v_m: float
    turn_rad: float
    phases: F8

    @classmethod
    def draw(cls, rng: np.random.Generator, radius_m: float) -> "Frame":
        """A frame with random bends."""
        phases = rng.uniform(0, 2 * np.pi, 8)
        return cls(radius_m, 0.22 * radius_m, float(rng.uniform(0.15, 0.45)), phases)

    def ring(self) -> Polygon:
        """The outline of the city, in the plan's plane."""
        angle = np.linspace(0, 2 * np.pi, 241)[:-1]
        wave = 1 + 0.07 * np.sin(2 * angle + self.phases[0]) + 0.05 * np.sin(3 * angle + self.phases[1])
        radius = self.radius_m * wave
        u, v = 1.12 * radius * np.cos(angle), self.centre_v_m + 0.95 * radius * np.sin(angle)
        return Polygon(np.column_stack([u, v]))

    def river(self) -> Polygon:
        """The water, from beyond one side of the ring to beyond the other."""
        reach = 1.45 * self.radius_m
        u = np.linspace(-reach, reach, 121)
        half = RIVER_HALF_M + 9 * np.sin(u / 700 + self.phases[2])
        return Polygon(np.concatenate([np.column_stack([u, half]), np.column_stack([u, -half])[::-1]]))

    def bend(self, shape: Shape) -> Shape:
        """The same shape in the plane of the city, metres east and north of its middle."""
        dense = shapely.segmentize(shape, 35.0)
        bent: Shape = shapely.transform(dense, self.bend_points)
        return shapely.simplify(bent, 0.4) if isinstance(shape, LineString) else bent

    def bend_points(self, uv: F8) -> F8:
        """Points [K, 2] of the plan in the plane of the city."""
        u, v = uv.T
        scale = self.radius_m
        meander = 0.10 * scale * np.sin(1.7 * u / scale + self.phases[3]) + 0.03 * scale * np.sin(4 * u / scale)
        v = v + meander * np.exp(-((v / (0.8 * scale)) ** 2))
        u = u + 0.035 * scale * np.sin(2.3 * v / scale + self.phases[4])
        v = v + 0.03 * scale * np.sin(2.9 * u / scale + self.phases[5])
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return np.column_stack([cos * u - sin * v, sin * u + cos * v])
