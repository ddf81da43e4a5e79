"""From what the cars see to how they move: one instant of driving for all cars of the process."""

from collections.abc import Sequence

from autonomy.policy.base import Policy
from autonomy.safety.layer import Safety
from autonomy.world.base import CarWorld


class Driver:
    def __init__(self, world: CarWorld, policy: Policy, safety: Safety, car_ids: Sequence[str]) -> None:
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
