"""What the loop and the worker share: instances, queues of one, answers. Every touch is under one lock, and short."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from autonomy.hosting.group import Group
from autonomy.hosting.instance import Instance, Look, Role
from autonomy.hosting.limits import HostingLimits
from autonomy.hosting.metrics import Meter, Snapshot, Spent
from autonomy.hosting.network import Network
from autonomy.hosting.shadow import Comparison
from autonomy.policy.host import Answer, Punctuality, Shot
from autonomy.world.action import Action
from autonomy.world.observation import Observation


class Board:
    """`answered` is set when answers have come; `in_words`: the cars whose answers are explained."""

    def __init__(self, networks: Mapping[str, Network], limits: HostingLimits, clock: Callable[[], float]) -> None:
        self.groups = {release: Group(network) for release, network in networks.items()}
        self.comparison = Comparison()
        self.answered = threading.Event()
        self.in_words: frozenset[str] = frozenset()
        self.answer_count = 0
        self.now_s = clock
        self._limits = limits
        self._posted = threading.Event()
        self._lock = threading.Lock()
        self._cars: dict[str, dict[Role, Instance]] = {}
        self._answers: dict[str, Answer] = {}
        self._at_work = 0

    # --- who is hosted

    def assign(self, car_id: str, release: str, *, shadow: str | None, deadline_s: float) -> None:
        for name in (release, shadow):
            if name is not None and name not in self.groups:
                raise ValueError(f"release: {name!r} is not loaded; there are {', '.join(sorted(self.groups))}")
        wanted: dict[Role, str] = {"drives": release}
        if shadow is not None:
            wanted["shadow"] = shadow
        with self._lock:
            held = self._cars.setdefault(car_id, {})
            for role in list(held):
                if wanted.get(role) != held[role].release:
                    self._leave(held.pop(role))
            for role, name in wanted.items():
                if role not in held:
                    held[role] = self._join(car_id, name, role, deadline_s)
                held[role].deadline_s = deadline_s
            self.comparison.forget(car_id)

    def remove(self, car_id: str) -> None:
        with self._lock:
            for instance in self._cars.pop(car_id).values():
                self._leave(instance)
            self._answers.pop(car_id, None)
            self.comparison.forget(car_id)

    def release_of(self, car_id: str, role: Role) -> str | None:
        with self._lock:
            instance = self._cars.get(car_id, {}).get(role)
            return instance.release if instance else None

    def punctuality(self, car_id: str) -> Punctuality:
        with self._lock:
            return self._cars[car_id]["drives"].punctuality()

    def reset(self, car_ids: Sequence[str]) -> None:
        with self._lock:
            for car_id in car_ids:
                for instance in self._cars.get(car_id, {}).values():
                    instance.clear()
                self._answers.pop(car_id, None)

    def reset_all(self) -> None:
        """After a worker was given up: no memory, nothing at work."""
        self.reset(list(self._cars))
        with self._lock:
            self._at_work = 0

    # --- the loop's side

    def post(self, observations: Sequence[Observation], shot: Shot | None) -> None:
        bare = next((seen.car_id for seen in observations if seen.frames is None), None)
        if bare is not None and shot is None:
            raise ValueError(f"frames: the observation of {bare} has no pictures")
        now_s = self.now_s()
        with self._lock:
            for seen in observations:
                for instance in self._cars[seen.car_id].values():
                    if instance.post(seen, shot, now_s):
                        self.groups[instance.release].meter.replaced += 1
        self._posted.set()

    def fetch(self) -> list[Answer]:
        with self._lock:
            answers, self._answers = self._answers, {}
        return list(answers.values())

    def idle(self) -> bool:
        with self._lock:
            return self._at_work == 0 and not any(
                instance.waiting for held in self._cars.values() for instance in held.values()
            )

    def count_anew(self) -> None:
        with self._lock:
            for group in self.groups.values():
                group.meter = Meter()

    def snapshot(self, *, restarts: int, alive: bool) -> Snapshot:
        with self._lock:
            counts: dict[Role, dict[str, int]] = {"drives": {}, "shadow": {}}
            for held in self._cars.values():
                for role, instance in held.items():
                    counts[role][instance.release] = counts[role].get(instance.release, 0) + 1
            figures = {release: group.meter.figures() for release, group in self.groups.items()}
        return Snapshot(figures, counts["drives"], counts["shadow"], restarts, alive)

    # --- the worker's side

    def wait(self, seconds: float) -> None:
        """Until something was handed over."""
        self._posted.wait(seconds)
        self._posted.clear()

    def wake(self) -> None:
        self._posted.set()

    def next_batch(self) -> tuple[str, list[Look]] | None:
        """What has waited longest, with all others of its release; driving instances before shadows."""
        with self._lock:
            waiting = [i for held in self._cars.values() for i in held.values() if i.waiting is not None]
            if not waiting:
                return None
            first = min(waiting, key=lambda i: (i.role == "shadow", i.posted_s))
            fellows = [i for i in waiting if i.release == first.release and i.role == first.role]
            fellows.sort(key=lambda i: i.posted_s)
            looks = [look for i in fellows[: self._limits.batch] if (look := self._look(i)) is not None]
            self._at_work += len(looks)
        return (first.release, looks) if looks else self.next_batch()

    def answer(
        self, release: str, looks: Sequence[Look], actions: Sequence[Action | None], spent: Spent, *, dropped: int
    ) -> None:
        """Publish what the network said, unless it is too old or the car has left its release meanwhile; `dropped`: how
        many of the batch were not looked at."""
        now_s = self.now_s()
        with self._lock:
            meter = self.groups[release].meter
            self._at_work -= len(looks) + dropped
            meter.failed += dropped
            meter.draw_s.append(spent.draw_s)
            if looks:
                meter.step_s.append(spent.step_s)
                meter.batches[len(looks)] += 1
            for look, action in zip(looks, actions, strict=True):
                instance, age_s = look.instance, now_s - look.posted_s
                if action is None or self._cars.get(instance.car_id, {}).get(instance.role) is not instance:
                    continue
                if age_s > self._limits.stale_s:
                    meter.stale += 1
                    continue
                missed = instance.answered(age_s)
                meter.answers += 1
                meter.missed += missed
                meter.latency_s.append(age_s)
                self.answer_count += 1
                self._compare(instance, action)
                if instance.role == "drives":
                    said = replace(action, time_s=look.seen.time_s)
                    self._answers[instance.car_id] = Answer(said, look.seen, release, age_s, missed, look.posted_s)
        self.answered.set()

    def _look(self, instance: Instance) -> Look | None:
        look = instance.take()
        if look is not None and self.now_s() - look.posted_s > self._limits.stale_s:
            self.groups[instance.release].meter.stale += 1
            instance.fresh = instance.fresh or look.fresh
            return None
        return look

    def _compare(self, instance: Instance, action: Action) -> None:
        held = self._cars[instance.car_id]
        if "shadow" not in held:
            return
        found = self.comparison.add(instance.release, action, shadow=instance.role == "shadow")
        if found is not None:
            self.groups[found.shadow].meter.disagreement_m.append(found.mean_m)

    def _join(self, car_id: str, release: str, role: Role, deadline_s: float) -> Instance:
        group = self.groups[release]
        instance = Instance(car_id, release, role, group.new_slot(), deadline_s)
        group.instances[car_id, role] = instance
        return instance

    def _leave(self, instance: Instance) -> None:
        group = self.groups[instance.release]
        del group.instances[instance.car_id, instance.role]
        group.slots.append(instance.slot)
