"""Records drives beside the loop: the loop hands over looks, a thread of its own packs and writes them.

A car's last seconds are kept in memory; when something happens they go to its tape with the seconds that follow.
The track and the happenings go there always. The loop never waits: what the thread can't keep up with is dropped,
counted and logged, pictures first.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from autonomy.record.entries import FORMAT, Entry, Happening, Head, Look, Track
from autonomy.record.tape import SUFFIX, TapeWriter
from autonomy.record.triggers import WEIGHTS, TriggerBounds, happenings
from autonomy.world.action import Action, Limits
from autonomy.world.observation import Observation

log = logging.getLogger("hansom.record")

STANDING_MPS = 0.1


class Verdict(Protocol):
    """What the safety layer made of an action (`autonomy.agent.recording.Verdict`)."""

    @property
    def driven(self) -> Action: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def mode(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """before_s, after_s: what is kept around a happening; track_s: between two points of the track; waiting: entries
    that may wait for the disk."""

    before_s: float = 6.0
    after_s: float = 6.0
    track_s: float = 1.0
    waiting: int = 2000


@dataclass
class _Reel:
    """One car's: looks in memory, and until when everything is kept."""

    last: deque[Look] = field(default_factory=deque)
    before: Look | None = None
    keep_until_s: float = -1.0
    stood_since_s: float | None = None
    track_due_s: float = -1e18
    again: bool = True


class Recorder:
    """Implements `autonomy.agent.recording.Recorder`. One tape for each car and run of the process."""

    def __init__(
        self,
        folder: Path,
        *,
        map_digest: str = "",
        release_of: Callable[[str], str] = lambda car_id: "",
        limits: RecordingLimits | None = None,
        bounds: TriggerBounds | None = None,
        everything: bool = False,
        seed: int = 0,
    ) -> None:
        """everything: keep every look, not only those around happenings."""
        self._folder, self._map_digest, self._release_of, self._seed = folder, map_digest, release_of, seed
        self._limits, self._bounds = limits or RecordingLimits(), bounds or TriggerBounds()
        self._everything = everything
        self._reels: dict[str, _Reel] = {}
        self._writers: dict[str, TapeWriter] = {}
        self._queue: queue.Queue[tuple[str, Entry] | None] = queue.Queue(self._limits.waiting)
        self.dropped = 0
        self.failed = 0
        self._run = time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + f"-{time.time_ns() % 1_000_000:06d}"
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    # --- from the loop

    def frame(self, car_id: str, seen: Observation, action: Action, verdict: Verdict) -> None:
        """One cycle of a car. Never waits."""
        reel = self._reels.setdefault(car_id, _Reel())
        look = Look(
            seen=seen, action=action, driven=verdict.driven, limits=verdict.limits, mode=verdict.mode, again=reel.again
        )
        reel.again = False
        now_s = seen.time_s
        self._track(car_id, reel, look)
        for happening in happenings(reel.before, look, self._stood_s(reel, look), self._bounds):
            self._happened(car_id, reel, happening)
        reel.before = look
        if self._everything or now_s <= reel.keep_until_s:
            self._put(car_id, look)
            return
        reel.last.append(look)
        while reel.last and reel.last[0].seen.time_s < now_s - self._limits.before_s:
            reel.last.popleft()

    def begins_anew(self, car_id: str) -> None:
        """The policy's memory of this car was emptied."""
        self._reels.setdefault(car_id, _Reel()).again = True

    def note(self, car_id: str, kind: str, detail: str) -> None:
        """A happening from outside: a disagreement of releases, a person's demand. Raises ValueError for a kind that is
        not known."""
        if kind not in WEIGHTS:
            raise ValueError(f"kind: {kind!r} is unknown; known are {', '.join(sorted(WEIGHTS))}")
        reel = self._reels.setdefault(car_id, _Reel())
        time_s = reel.before.seen.time_s if reel.before is not None else 0.0
        self._happened(car_id, reel, Happening(time_s=time_s, kind=kind, detail=detail, weight=WEIGHTS[kind]))

    def close(self) -> None:
        """Write what waits and close the tapes."""
        self._queue.put(None)
        self._thread.join()
        if self.dropped or self.failed:
            log.warning("%d entries were dropped, %d could not be written", self.dropped, self.failed)

    # --- what is kept

    def _track(self, car_id: str, reel: _Reel, look: Look) -> None:
        ego, action = look.seen.ego, look.action
        if look.seen.time_s < reel.track_due_s:
            return
        reel.track_due_s = look.seen.time_s + self._limits.track_s
        self._put(car_id, Track(
            time_s=look.seen.time_s, x_m=ego.x_m, y_m=ego.y_m, heading_rad=ego.heading_rad, speed_mps=ego.speed_mps,
            cause=action.cause, uncertainty=action.uncertainty, ood=action.ood, mode=look.mode,
        ))  # fmt: skip

    def _stood_s(self, reel: _Reel, look: Look) -> float:
        if look.seen.ego.speed_mps > STANDING_MPS:
            reel.stood_since_s = None
            return 0.0
        if reel.stood_since_s is None:
            reel.stood_since_s = look.seen.time_s
        return look.seen.time_s - reel.stood_since_s

    def _happened(self, car_id: str, reel: _Reel, happening: Happening) -> None:
        self._put(car_id, happening)
        reel.keep_until_s = max(reel.keep_until_s, happening.time_s + self._limits.after_s)
        while reel.last:
            self._put(car_id, reel.last.popleft())

    def _put(self, car_id: str, entry: Entry) -> None:
        if isinstance(entry, Look) and self._queue.qsize() > self._limits.waiting // 2:
            # The disk can't keep up: words are kept, pictures are not.
            entry = _without_pictures(entry)
        try:
            self._queue.put_nowait((car_id, entry))
        except queue.Full:
            if self.dropped == 0:
                log.warning("the disk can't keep up; entries are dropped")
            self.dropped += 1

    # --- the thread

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            car_id, entry = item
            try:
                self._writer(car_id, entry).write(entry)
            except (OSError, ValueError):
                if self.failed == 0:
                    log.exception("%s: can't be recorded", car_id)
                self.failed += 1
        for writer in self._writers.values():
            writer.close()

    def _writer(self, car_id: str, entry: Entry) -> TapeWriter:
        if car_id not in self._writers:
            platform = entry.seen.platform if isinstance(entry, Look) else ""
            before = self._reels[car_id].before
            head = Head(
                format=FORMAT, car_id=car_id, release=self._release_of(car_id),
                platform=platform or (before.seen.platform if before is not None else ""),
                map_digest=self._map_digest, began_ms=time.time_ns() // 1_000_000, seed=self._seed,
            )  # fmt: skip
            self._writers[car_id] = TapeWriter(self._folder / car_id / f"{self._run}{SUFFIX}", head)
        return self._writers[car_id]


def _without_pictures(look: Look) -> Look:
    return Look(
        seen=replace(look.seen, frames=None), action=look.action, driven=look.driven, limits=look.limits,
        mode=look.mode, again=look.again,
    )  # fmt: skip
