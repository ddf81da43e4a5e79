"""From what the cars see to how they move: one instant of driving for all cars of the process."""

import logging
from collections.abc import Sequence

from autonomy.policy.base import Policy
from autonomy.safety.layer import Safety
from autonomy.world.action import Action
from autonomy.world.base import CarWorld
from autonomy.world.observation import Observation

log = logging.getLogger("hansom.agent")


class Driver:
    def __init__(self, world: CarWorld, policy: Policy, safety: Safety, car_ids: Sequence[str]) -> None:
        self._world = world
        self._policy = policy
        self._safety = safety
        self._car_ids = list(car_ids)
        self._broken = False
        policy.reset(self._car_ids)

    def step(self, dt_s: float) -> None:
        """observe, act, check, actuate, and `dt_s` of world time."""
        observations = self._world.observe(self._car_ids)
        actions, limits = self._safety.check(observations, self._answers(observations))
        self._world.act(actions, limits)
        self._world.step(dt_s)

    def _answers(self, observations: Sequence[Observation]) -> list[Action | None]:
        """What the policy says of each car; None where it says nothing. A policy that breaks must not take the monitor
        with it, which then stops the cars."""
        try:
            by_id = {action.car_id: action for action in self._policy.act(observations)}
        except Exception:
            if not self._broken:
                log.exception("the policy broke; the safety monitor stops the cars")
            self._broken = True
            return [None] * len(observations)
        self._broken = False
        return [by_id.get(seen.car_id) for seen in observations]
