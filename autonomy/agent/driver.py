"""From what the cars see to how they move: one instant of driving for all cars of the process."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from autonomy.policy.base import Policy
from autonomy.world.action import Action, Limits
from autonomy.world.base import CarWorld
from autonomy.world.observation import Observation


class SafetyLayer(Protocol):
    """The last word before actuation."""

    def check(
        self, observations: Sequence[Observation], actions: Sequence[Action]
    ) -> tuple[Sequence[Action], Mapping[str, Limits]]:
        """What may be done, and within which bounds, one action for each observation."""
        ...


class Driver:
    def __init__(self, world: CarWorld, policy: Policy, safety: SafetyLayer, car_ids: Sequence[str]) -> None:
        self._world = world
        self._policy = policy
        self._safety = safety
        self._car_ids = list(car_ids)
        policy.reset(self._car_ids)

    def step(self, dt_s: float) -> None:
        """observe, act, check, actuate, and `dt_s` of world time."""
        observations = self._world.observe(self._car_ids)
        actions, limits = self._safety.check(observations, self._policy.act(observations))
        self._world.act(actions, limits)
        self._world.step(dt_s)
