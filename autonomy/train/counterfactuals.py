"""The same picture, other words, another action: without such pairs a driver learns to leave words unheard.

At some pictures the car is asked in thought for each of several things; the teacher says what it would do then.
"""

from dataclasses import dataclass, replace

import numpy as np

from autonomy.language import TRAIN, chat, instruction
from autonomy.sim.other_ways import counterfactual
from autonomy.sim.world import World
from autonomy.train.orders import drawn_order
from autonomy.world import Observation


@dataclass(eq=False)
class Asker:
    """every: part of the pictures that get variants; count: how many each."""

    random: np.random.Generator
    every: float = 0.3
    count: int = 2
    split: str = TRAIN

    def others(self, world: World, seen: Observation) -> list[Observation]:
        """Observations that differ in the instruction only: other orders, none at all, or idle talk."""
        if self.random.random() >= self.every:
            return []
        found = []
        for _ in range(self.count):
            draw = float(self.random.random())
            if draw < 0.12:
                found.append(replace(seen, instruction="", order=None))
            elif draw < 0.22:
                found.append(replace(seen, instruction=chat(self.random, self.split), order=None))
            else:
                kind = drawn_order(self.random)
                asked = counterfactual(world, seen, kind, instruction(kind, self.random, self.split))
                found.extend([] if asked is None else [asked])
        return found
