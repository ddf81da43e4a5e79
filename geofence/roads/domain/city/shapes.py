"""Narrow types for shapely's wide ones, and the box around a shape."""

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geofence.roads.domain.graph import F8


def polygon(shape: object) -> Polygon:
    """The same shape, known to be a polygon. Raises TypeError when it is another."""
    if not isinstance(shape, Polygon):
        raise TypeError(f"{type(shape).__name__} where a polygon was expected")
    return shape


def single(shape: BaseGeometry, least_m2: float) -> Polygon | None:
    """The shape when it is one polygon of at least that area; None when it fell apart, vanished or is too small."""
    return shape if isinstance(shape, Polygon) and shape.area >= least_m2 else None


def long_box(shape: BaseGeometry) -> tuple[F8, F8, int]:
    """Corners [4, 2] of the smallest rotated rectangle around a polygon, its sides [4, 2], and the longest's number."""
    box = np.array(polygon(shape.minimum_rotated_rectangle).exterior.coords)[:4]
    sides = np.roll(box, -1, axis=0) - box
    return box, sides, int(np.hypot(*sides.T).argmax())
