"""The protocol of what drives many cars beside the loop of the process: pictures go in, answers come out later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from autonomy.world.action import Action
from autonomy.world.observation import CameraFrames, Observation


class Shot(Protocol):
    """The cameras of all cars at one instant; pictures are developed when somebody looks at them, in any thread."""

    def frames(self, car_ids: Sequence[str]) -> list[CameraFrames]:
        """The pictures of these cars, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a release says of one car. `seen`: the observation that it answers, with its pictures; latency_s: wall time
    from handing it over to the answer; missed: the answer came after its deadline;
    taken_s: when it was handed over, by the monotonic clock."""

    action: Action
    seen: Observation
    release: str
    latency_s: float
    missed: bool = False
    taken_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How far a release that does not drive is from the one that does: mean and last distance of their plans (m)."""

    car_id: str
    time_s: float
    release: str
    shadow: str
    mean_m: float
    final_m: float


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Of one car: 99th percentile of its latest answers, when an answer is due, and how many were late so far."""

    latency_p99_ms: float
    deadline_ms: float
    missed: int


class Host(Protocol):
    """Cars are driven by releases; each car has a memory of its own. Nothing here waits for a network."""

    def release_of(self, car_id: str) -> str | None:
        """The release that drives this car; None: another policy does."""
        ...

    def shadow_of(self, car_id: str) -> str | None:
        """The release that rides along without driving."""
        ...

    def calibration_of(self, car_id: str) -> Mapping[str, float]:
        """Limits of uncertainty and strangeness, calibrated with the car's release; empty where it has none."""
        ...

    def punctuality(self, car_id: str) -> Punctuality:
        """Raises KeyError for a car that is not hosted."""
        ...

    def reset(self, car_ids: Sequence[str]) -> None:
        """Forget what was remembered of these cars (moved by hand, restart)."""
        ...

    def submit(self, observations: Sequence[Observation], shot: Shot | None = None) -> None:
        """Hand over what the cars see now; `shot` has the pictures of observations that come without. What a car saw
        before and nobody looked at yet is dropped."""
        ...

    def collect(self) -> list[Answer]:
        """Answers since the last call, at most one for each car, the newest. Also looks after the worker's health."""
        ...

    def catch_up(self) -> None:
        """Return when everything handed over has been answered or given up (a world that waits for its drivers)."""
        ...

    def disagreements(self) -> list[Disagreement]:
        """Between driving and shadow releases since the last call."""
        ...

    def explain(self, car_ids: Sequence[str]) -> None:
        """From now on put these cars' answers into words as well, and no others' (nobody reads them)."""
        ...

    def report(self) -> str:
        """Metrics in Prometheus' text format."""
        ...

    def close(self) -> None: ...
