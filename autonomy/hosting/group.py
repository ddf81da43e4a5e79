"""All cars of one release, and how a batch of them is run."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from autonomy.hosting.instance import Instance, Look
from autonomy.hosting.memory import MemoryPool
from autonomy.hosting.metrics import Meter
from autonomy.hosting.network import Network
from autonomy.world.action import ACTION_STEPS, Action
from autonomy.world.observation import CameraFrames

log = logging.getLogger("hansom.hosting")


@dataclass(eq=False)
class Group:
    """`slots`: rows of memory given back by cars that have left."""

    network: Network
    meter: Meter = field(default_factory=Meter)
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    slots: list[int] = field(default_factory=list)
    _next_slot: "count[int]" = field(default_factory=count)
    _complaints: int = 0

    def new_slot(self) -> int:
        return self.slots.pop() if self.slots else next(self._next_slot)

    def complain(self, what: str, *values: object) -> None:
        """Log the error at hand with its trace, the first one and then every hundredth."""
        if self._complaints % 100 == 0:
            log.exception(f"%s {what} (%d such before)", self.network.release, *values, self._complaints)
        self._complaints += 1


def run(group: Group, pool: MemoryPool, looks: Sequence[Look], in_words: Sequence[bool]) -> list[Action | None]:
    """One action for each look, None where the network failed on it. One bad picture must not cost the others theirs:
    a batch that fails is run again car by car."""
    try:
        return _together(group, pool, looks, in_words)
    except Exception:
        group.meter.failed += 1
        group.complain("failed on a batch of %d", len(looks))
    if len(looks) == 1:
        looks[0].instance.fresh = True
        return [None]
    actions: list[Action | None] = []
    for look, words in zip(looks, in_words, strict=True):
        try:
            actions += _together(group, pool, [look], [words])
        except Exception:
            group.meter.failed += 1
            look.instance.fresh = True
            actions.append(None)
    return actions


def _together(group: Group, pool: MemoryPool, looks: Sequence[Look], in_words: Sequence[bool]) -> list[Action | None]:
    slots = [look.instance.slot for look in looks]
    memory = pool.read(slots, [look.fresh for look in looks])
    actions, after = group.network.step([look.seen for look in looks], memory, in_words=in_words)
    if [action.car_id for action in actions] != [look.seen.car_id for look in looks]:
        raise ValueError("actions: the network answered for other cars than it was asked")
    pool.write(slots, after)
    for look, action in zip(looks, actions, strict=True):
        if action.trajectory.shape != (ACTION_STEPS, 4) or not np.isfinite(action.trajectory).all():
            # What is not a number stays in the memory for ever; the safety layer judges the answer itself.
            group.meter.faulty += 1
            look.instance.fresh = True
    return list(actions)


def develop(group: Group, looks: Sequence[Look]) -> list[Look]:
    """The looks with their pictures; those whose pictures can't be made are missing."""
    pictures: dict[str, CameraFrames] = {}
    for shot in {id(look.shot): look.shot for look in looks if look.seen.frames is None}.values():
        assert shot is not None, "an observation without pictures was refused when it was handed over"
        car_ids = [look.seen.car_id for look in looks if look.shot is shot and look.seen.frames is None]
        try:
            pictures.update(zip(car_ids, shot.frames(car_ids), strict=True))
        except Exception:
            group.complain("has no pictures of %s", ", ".join(car_ids))
    seen = [
        look if look.seen.frames is not None else replace(look, seen=replace(look.seen, frames=pictures[car_id]))
        for look in looks
        if look.seen.frames is not None or (car_id := look.seen.car_id) in pictures
    ]
    for look in looks:
        if look.seen.frames is None and look.seen.car_id not in pictures:
            look.instance.fresh = True
    return seen
