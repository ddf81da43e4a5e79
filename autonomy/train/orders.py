"""Instructions while data is collected: who is asked for what, when, and how often."""

from dataclasses import dataclass, field

import numpy as np

from autonomy.language import TRAIN, chat, instruction
from autonomy.sim.world import World
from autonomy.world import Order, OrderKind

GIVEN: dict[OrderKind, float] = {
    OrderKind.WAIT: 2,
    OrderKind.GO_ON: 1,
    OrderKind.SLOW_DOWN: 2,
    OrderKind.PULL_OVER: 2,
    OrderKind.PULL_OVER_PAST_CROSSING: 1,
    OrderKind.PASS_LEFT: 1,
    OrderKind.WAIT_THEN_PASS_LEFT: 0.5,
    OrderKind.TAKE_LEFT: 1.5,
    OrderKind.TAKE_RIGHT: 1.5,
    OrderKind.GO_STRAIGHT: 1,
    OrderKind.RUN_RED_LIGHT: 0.4,
    OrderKind.IGNORE_PEDESTRIAN: 0.4,
    OrderKind.SPEED: 0.4,
    OrderKind.DRIVE_ON_PAVEMENT: 0.4,
    OrderKind.WRONG_WAY: 0.4,
}


@dataclass(eq=False)
class Orders:
    """Gives cars instructions for some seconds each. share: part of the time in which a car has one; without `order`
    people only chat, which must change nothing."""

    world: World
    car_ids: list[str]
    random: np.random.Generator
    share: float
    order: bool
    lasts_s: tuple[float, float] = (6.0, 14.0)
    until_s: dict[str, float] = field(default_factory=dict)

    def tick(self) -> None:
        now = self.world.time_s
        for car_id in self.car_ids:
            if now < self.until_s.get(car_id, 0.0):
                continue
            lasts = float(self.random.uniform(*self.lasts_s))
            self.until_s[car_id] = now + lasts
            if self.random.random() >= self.share:
                self.world.instruct(car_id, "", None)
                continue
            if not self.order:
                self.world.instruct(car_id, chat(self.random, TRAIN), None)
                continue
            kind = drawn_order(self.random)
            self.world.instruct(car_id, instruction(kind, self.random, TRAIN), Order(kind, now))


def drawn_order(random: np.random.Generator) -> OrderKind:
    weights = np.array(list(GIVEN.values()))
    return list(GIVEN)[int(random.choice(len(GIVEN), p=weights / weights.sum()))]
