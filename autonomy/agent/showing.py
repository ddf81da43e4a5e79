"""Shows what drivers see to people who look through their cars' cameras, a few times a second, only while they look.

Pictures and messages are made in a thread of their own: neither a slow picture nor a broken one may stop the loop
that the safety layer runs in.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from autonomy.agent.driver import Driver, Learned
from autonomy.agent.report import driver_view
from autonomy.link.driver_view import DriverView
from autonomy.policy.host import Disagreement, Shot
from autonomy.safety.layer import Finding, Safety
from autonomy.safety.modes import Mode
from autonomy.sim.platforms import platform

log = logging.getLogger("hansom.agent")
SHOW_S = 0.25  # wall time between two views of one car


class Viewer(Protocol):
    """The link of a car, as far as its driver's view goes."""

    def watched(self) -> bool: ...

    def show(self, view: DriverView, *, taken_s: float) -> None: ...


@dataclass
class Stage:
    """A car that may be looked at. `policy`: what drives it; `platform`: its model."""

    car_id: str
    platform: str
    policy: str
    viewer: Viewer
    due_s: float = 0.0
    shown_s: float = float("-inf")


class Showing:
    """One for all cars of a process. `post` of `look` hands a call back to the loop (`loop.call_soon_threadsafe`)."""

    def __init__(self, stages: Sequence[Stage], driver: Driver, safety: Safety, learned: Learned | None) -> None:
        self._stages = list(stages)
        self._driver = driver
        self._safety = safety
        self._learned = learned
        self._apart: dict[str, Disagreement] = {}
        self._busy: set[str] = set()
        self._watched: frozenset[str] = frozenset()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def look(self, now_s: float, post: Callable[..., object]) -> None:
        """Begin a new view of every car that is watched and due. `now_s`: monotonic."""
        watched = [stage for stage in self._stages if stage.viewer.watched()]
        self._tell_host(frozenset(stage.car_id for stage in watched))
        for stage in watched:
            if now_s >= stage.due_s and stage.car_id not in self._busy:
                self._begin(stage, now_s, post)

    def differs(self, found: Sequence[Disagreement]) -> None:
        """What shadow releases would have done otherwise."""
        self._apart |= {one.car_id: one for one in found}

    def close(self) -> None:
        """Let the thread end; nobody waits for it."""
        self._jobs.put(None)

    def _tell_host(self, watched: frozenset[str]) -> None:
        if self._learned is not None and watched != self._watched:
            self._learned.host.explain(sorted(watched))
        self._watched = watched

    def _begin(self, stage: Stage, now_s: float, post: Callable[..., object]) -> None:
        latest = self._driver.latest.get(stage.car_id)
        taken_s = latest.answer.taken_s if latest and latest.answer else now_s
        if latest is None or taken_s <= stage.shown_s:
            return
        stage.due_s, stage.shown_s = max(stage.due_s + SHOW_S, now_s), taken_s
        shot: Shot | None = None
        if latest.answer is None and self._learned is not None:
            shot = self._learned.cameras.shot([latest.seen])  # drawn in the thread
        self._busy.add(stage.car_id)
        self._ensure_thread()
        self._jobs.put(lambda: self._make(stage, shot, taken_s, post))

    def _make(self, stage: Stage, shot: Shot | None, taken_s: float, post: Callable[..., object]) -> None:
        view: DriverView | None = None
        try:
            view = self.view(stage, shot)
        except Exception:
            log.exception("%s: no view of its driver", stage.car_id)
        post(self._done, stage, view, taken_s)

    def view(self, stage: Stage, shot: Shot | None) -> DriverView:
        """The newest view of a car, in the thread that makes the pictures."""
        car_id, latest = stage.car_id, self._driver.latest[stage.car_id]
        host = self._learned.host if self._learned else None
        hosted = host is not None and host.release_of(car_id) is not None
        frames = latest.answer.seen.frames if latest.answer else None
        if frames is None and shot is not None:
            frames = shot.frames([car_id])[0]
        apart = self._apart.get(car_id)
        return driver_view(
            latest,
            release=latest.answer.release if latest.answer else stage.policy,
            frames=frames,
            length_m=platform(stage.platform).length_m,
            safety=safety_in_words(self._safety.finding(car_id)),
            punctuality=host.punctuality(car_id) if host and hosted else None,
            uncertainty_limit=host.calibration_of(car_id).get("uncertainty_limit", 1.0) if host and hosted else 1.0,
            shadow=(host.shadow_of(car_id) or "") if host and hosted else "",
            shadow_apart_m=apart.final_m if apart else 0.0,
        )

    def _done(self, stage: Stage, view: DriverView | None, taken_s: float) -> None:
        """Back in the loop."""
        self._busy.discard(stage.car_id)
        if view is not None:
            stage.viewer.show(view, taken_s=taken_s)

    def _ensure_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="views", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def safety_in_words(finding: Finding) -> str:
    """What the safety layer does with the car now; empty: nothing."""
    if finding.mode is Mode.MRM_OPERATING:
        return f"stops the car: {_plain(finding.reason)}"
    if finding.mode is Mode.MRC_REACHED:
        return f"keeps the car standing: {_plain(finding.reason)}"
    if finding.mode is Mode.MRM_FAILED:
        return f"brakes as hard as it can: {_plain(finding.reason)}"
    if finding.fault is not None:
        return f"does not drive the plan: {_plain(finding.fault)}"
    if finding.corrected:
        what, _, why = finding.corrected.partition(":")
        return f"corrects the plan: {_plain(what)}" + (f" for a {_plain(why)}" if why else "")
    return "slows down: the driver is in doubt" if finding.doubt else ""


def _plain(word: str) -> str:
    return word.replace("_", " ").replace(":", ", ")
