"""From what the cars see to how they move: one instant of driving for all cars of the process.

Cars on `rules` are answered at once in every step. Cars driven by a release are answered beside the loop: every second
step their pictures are handed over, and whatever has come back by then is driven on. The safety layer judges all of
them in every step; a car without an answer is its business.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from autonomy.agent.recording import Recorder, Verdict
from autonomy.policy.base import Policy
from autonomy.policy.host import Answer, Host, Shot
from autonomy.policy.registry import Post
from autonomy.safety.layer import Safety
from autonomy.world.action import ACTION_STEPS, Action, Limits
from autonomy.world.base import CarWorld
from autonomy.world.observation import Observation

log = logging.getLogger("hansom.agent")

LOOK_EVERY = 2  # world steps between two pictures: 5 Hz
FIRST_ANSWER_S = 5.0  # world time that a release has for its first answer while the car stands
STANDING_MPS = 0.05


class Cameras(Protocol):
    def shot(self, observations: Sequence[Observation]) -> Shot: ...


@dataclass(frozen=True)
class Learned:
    """The learned part of driving. posts: what drives each car; waits: the world waits for every answer (proofs faster
    than time, where the clock of the network would be another than that of the world)."""

    host: Host
    cameras: Cameras
    posts: Mapping[str, Post]
    waits: bool = False


@dataclass(frozen=True)
class Latest:
    """The newest view of a car, for those who watch it: what it saw, what the policy said and what was driven."""

    seen: Observation
    action: Action | None
    driven: Action
    answer: Answer | None


class Driver:
    def __init__(
        self,
        world: CarWorld,
        policy: Policy,
        safety: Safety,
        car_ids: Sequence[str],
        *,
        learned: Learned | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """`policy` drives the cars that no release drives."""
        self._world = world
        self._policy = policy
        self._safety = safety
        self._recorder = recorder
        self._car_ids = list(car_ids)
        self._learned = learned
        posts = learned.posts if learned else {}
        self._by_release = [car_id for car_id in self._car_ids if car_id in posts and posts[car_id].learned]
        self._by_rules = [car_id for car_id in self._car_ids if car_id not in set(self._by_release)]
        self._answers: dict[str, Answer] = {}
        self._began_s = world.time_s
        self._steps = 0
        self._broken = False
        self._host_broken = False
        self.latest: dict[str, Latest] = {}
        policy.reset(self._by_rules)

    def step(self, dt_s: float) -> None:
        """observe, act, check, actuate, and `dt_s` of world time."""
        observations = self._world.observe(self._car_ids)
        by_id = {seen.car_id: seen for seen in observations}
        proposed = self._by_the_rules([by_id[car_id] for car_id in self._by_rules])
        fresh = self._by_the_releases([by_id[car_id] for car_id in self._by_release])
        proposed |= {car_id: action for car_id in self._by_release if (action := self._said(by_id[car_id])) is not None}
        for answer in fresh:  # the safety layer judges the pictures as well
            car_id = answer.action.car_id
            by_id[car_id] = replace(by_id[car_id], frames=answer.seen.frames)
        judged = [by_id[car_id] for car_id in self._car_ids]
        driven, limits = self._safety.check(judged, [proposed.get(car_id) for car_id in self._car_ids])
        self._world.act(driven, limits)
        self._keep(observations, proposed, driven)
        self._record(fresh, limits)
        self._steps += 1
        self._world.step(dt_s)

    # --- what is proposed

    def _by_the_rules(self, observations: Sequence[Observation]) -> dict[str, Action]:
        """A policy that breaks must not take the monitor with it, which then stops the cars."""
        try:
            actions = {action.car_id: action for action in self._policy.act(observations)} if observations else {}
        except Exception:
            if not self._broken:
                log.exception("the policy broke; the safety monitor stops the cars")
            self._broken = True
            return {}
        self._broken = False
        return actions

    def _by_the_releases(self, observations: Sequence[Observation]) -> list[Answer]:
        """Hand over pictures when it is time, and fetch what has been answered; nothing if the host breaks."""
        if self._learned is None or not observations:
            return []
        try:
            fresh = self._ask(self._learned, observations)
        except Exception:
            if not self._host_broken:
                log.exception("hosting broke; the safety monitor stops its cars")
            self._host_broken = True
            return []
        self._host_broken = False
        self._answers |= {answer.action.car_id: answer for answer in fresh}
        return fresh

    def _ask(self, learned: Learned, observations: Sequence[Observation]) -> list[Answer]:
        host = learned.host
        if self._steps % LOOK_EVERY == 0:
            hosted = [seen for seen in observations if host.release_of(seen.car_id) is not None]
            if hosted:
                host.submit(hosted, learned.cameras.shot(hosted))
                if learned.waits:
                    host.catch_up()
        return host.collect()

    def _said(self, seen: Observation) -> Action | None:
        """The newest answer for a car. One that has just begun stands until the first one has come."""
        answer = self._answers.get(seen.car_id)
        if answer is not None:
            return answer.action
        if seen.ego.speed_mps > STANDING_MPS or seen.time_s - self._began_s > FIRST_ANSWER_S:
            return None
        ego = seen.ego
        rows = [(ego.x_m, ego.y_m, ego.heading_rad, 0.0)] * ACTION_STEPS
        return Action.from_rows(seen.car_id, seen.time_s, rows, "wait for the driver")

    # --- what is told

    def _keep(self, seen: Sequence[Observation], proposed: Mapping[str, Action], driven: Sequence[Action]) -> None:
        for look, done in zip(seen, driven, strict=True):
            car_id = look.car_id
            self.latest[car_id] = Latest(look, proposed.get(car_id), done, self._answers.get(car_id))

    def _record(self, fresh: Sequence[Answer], limits: Mapping[str, Limits]) -> None:
        """Each new answer of a release, and the cars on rules as often, without pictures."""
        if self._recorder is None:
            return
        new = [(answer.seen, answer.action) for answer in fresh]
        if self._steps % LOOK_EVERY == 0:
            looks = [self.latest[car_id] for car_id in self._by_rules]
            new += [(look.seen, look.action) for look in looks if look.action is not None]
        for seen, action in new:
            car_id = seen.car_id
            verdict = Verdict(self.latest[car_id].driven, limits[car_id], self._safety.mode(car_id).value)
            try:
                self._recorder.frame(car_id, seen, action, verdict)
            except Exception:
                log.exception("%s: not recorded", car_id)
