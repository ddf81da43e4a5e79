"""Drives that are recorded for their own sake: a car in the world, its policy, the safety layer, a tape."""

from collections.abc import Callable
from dataclasses import dataclass

from autonomy.policy.base import Policy
from autonomy.record.recorder import Recorder
from autonomy.safety.layer import Safety
from autonomy.sim.errands import Errands
from autonomy.world.action import ACTION_STEP_S, Action, Limits

TICK_S = 0.1


@dataclass(frozen=True, slots=True)
class Judged:
    driven: Action
    limits: Limits
    mode: str


def drive(
    errands: Errands,
    policy: Policy,
    recorder: Recorder,
    *,
    seconds: float,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Drive for so many seconds of world time, every look with its pictures on the tape. The world needs a renderer.

    Cars are answered one by one, so that a replay, which has one car, asks the network the very same question: what a
    network computes for one car may differ in the last bit with the number of cars in its batch.
    """
    safety, world, car_ids = Safety(), errands.world, errands.ids
    policy.reset(car_ids)
    until_s = world.time_s + seconds
    while world.time_s < until_s:
        errands.tick()
        seen = world.observe(car_ids, frames=True)
        said = [policy.act([one])[0] for one in seen]
        driven, limits = safety.check(seen, said)
        for one, action, done in zip(seen, said, driven, strict=True):
            verdict = Judged(done, limits[one.car_id], safety.mode(one.car_id).value)
            recorder.frame(one.car_id, one, action, verdict)
        world.act(driven, limits)
        for tick in range(round(ACTION_STEP_S / TICK_S)):
            if tick:
                again, bounds = safety.check(world.observe(car_ids), said)
                world.act(again, bounds)
            world.step(TICK_S)
        if progress is not None:
            progress(ACTION_STEP_S)
