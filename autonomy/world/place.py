"""A place on the road network."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoadPosition:
    """`offset_m` metres along directed edge `edge` of the map in use."""

    edge: int
    offset_m: float
