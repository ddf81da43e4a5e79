"""Whoever sends a car somewhere learns here what became of it.

An owner registers once for its purpose. Its methods run inside the transaction that changes the mission, with the
vehicle's and the mission's rows locked, so that a ride and its mission never disagree. `at` is when it happened.
"""

from datetime import datetime
from typing import Protocol

from fleet.missions.domain import Purpose
from fleet.missions.models import Mission


class MissionOwner(Protocol):
    def stop_arrived(self, mission: Mission, stop_index: int, at: datetime) -> None: ...

    def stop_departed(self, mission: Mission, stop_index: int, at: datetime) -> None: ...

    def cabin_empty(self, mission: Mission, stop_index: int, at: datetime) -> None: ...

    def held(self, mission: Mission, reason: str, at: datetime) -> None:
        """The car stands at a place that was not planned, on order or by itself."""

    def resumed(self, mission: Mission, at: datetime) -> None:
        """It goes on."""

    def completed(self, mission: Mission, at: datetime) -> None:
        """All stops are served; the mission is closed and the car is free."""

    def refused(self, mission: Mission, reason: str) -> None:
        """The car did not take the mission, which is closed."""

    def failed(self, mission: Mission, reason: str) -> None:
        """The car can't go on, or was taken off; the mission is closed."""


_owners: dict[Purpose, MissionOwner] = {}


def register(purpose: str, owner: MissionOwner) -> None:
    """Raises ValueError for an unknown purpose. A later owner takes the place of an earlier one."""
    _owners[Purpose(purpose)] = owner


def owner_of(mission: Mission) -> MissionOwner | None:
    """None: nobody needs to know (a car driving empty)."""
    return _owners.get(Purpose(mission.purpose))
