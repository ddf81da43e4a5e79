"""How long riders take at the doors. Stands in for the seat and door sensors of a real cabin."""

import hashlib
from random import Random

BOARDING_S = (4.0, 12.0)
ALIGHTING_S = (5.0, 14.0)


class Cabin:
    """Times drawn per mission and stop, the same after a restart."""

    def __init__(self, vehicle_id: str) -> None:
        self._vehicle_id = vehicle_id

    def boarding_s(self, mission_id: str, stop_index: int) -> float:
        """From open doors to belted up, in world seconds."""
        return self._draw("boarding", mission_id, stop_index, BOARDING_S)

    def alighting_s(self, mission_id: str, stop_index: int) -> float:
        """From open doors to an empty cabin with the doors shut, in world seconds."""
        return self._draw("alighting", mission_id, stop_index, ALIGHTING_S)

    def _draw(self, what: str, mission_id: str, stop_index: int, bounds: tuple[float, float]) -> float:
        seed = hashlib.sha256(f"{self._vehicle_id} {mission_id} {stop_index} {what}".encode()).digest()
        return Random(seed).uniform(*bounds)  # noqa: S311 - a rider's pace, not a secret
