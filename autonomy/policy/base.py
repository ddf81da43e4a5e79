"""The protocol of a driver. One policy object drives many cars; memory, if any, is kept per car id."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from autonomy.world.action import Action
from autonomy.world.observation import Observation


@runtime_checkable
class Policy(Protocol):
    @property
    def name(self) -> str:
        """Name and release, as telemetry reports it: "rules/1"."""
        ...

    def reset(self, car_ids: Sequence[str]) -> None:
        """Forget what was remembered of these cars (new mission, restart)."""
        ...

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        """One action per observation, in the same order."""
        ...
