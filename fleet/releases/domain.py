"""A release's manifest as people read it. Pure.

The manifest is written by the training, possibly somewhere else and by a later version: what is missing stays missing,
what makes no sense is left out and named, and nothing is made up.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

T = TypeVar("T")
MAX_TEXT: Final = 400
MAX_ROWS: Final = 2000
DRIVING: Final = (
    "route_completion",
    "at_fault_per_1000km",
    "collisions_per_1000km",
    "red_lights_per_1000km",
    "without_leave_per_1000km",
    "off_road_per_1000km",
    "wrong_way_per_1000km",
    "pdms",
    "stops_at_stop",
    "comfort",
    "hard_brakes_per_1000km",
    "helps_per_1000km",
    "right_cause",
)
LANGUAGE: Final = ("obeyed", "refused_unsafe", "right_cause")
LIMITS: Final = ("safe_end", "false_alarms_per_1000km")


class BadManifest(ValueError):
    """Not a manifest at all."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; low to high: 95 % interval, None where unknown or unbounded; n: how many it rests on."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The training after so many minutes; val: on drives never learned from; val_ade_m: mean distance of the planned
    from the teacher's way."""

    minutes: float
    train_loss: float | None
    val_loss: float | None
    val_ade_m: float | None
    val_cause_accuracy: float | None
    route_completion: float | None


@dataclass(frozen=True, slots=True)
class ScenarioScore:
    """Runs of one scenario type that ended well, and the teacher's of as many."""

    name: str
    success: int
    n: int
    teacher_success: int | None


@dataclass(frozen=True, slots=True)
class PlatformScore:
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class BatchTime:
    """Pixels to trajectory for `batch` cars at once, in milliseconds, against the base line in the same run."""

    batch: int
    p50_ms: float | None
    p99_ms: float | None
    baseline_p50_ms: float | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What one decision of the design gives alone."""

    name: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Release:
    name: str
    about: str = ""
    created_at: str = ""
    evaluated_at: str = ""
    parameters: int | None = None
    train_minutes: float | None = None
    train_frames: int | None = None
    train_device: str = ""
    routes: int | None = None
    km: float | None = None
    maps: tuple[str, ...] = ()
    uncertainty_limit: float | None = None
    with_safety: Figures = field(default_factory=dict)
    without_safety: Figures = field(default_factory=dict)
    teacher: Figures = field(default_factory=dict)
    language: Figures = field(default_factory=dict)
    limits: Figures = field(default_factory=dict)
    scenarios: tuple[ScenarioScore, ...] = ()
    platforms: tuple[PlatformScore, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    inference_device: str = ""
    baseline: str = ""
    batches: tuple[BatchTime, ...] = ()
    choices: tuple[Choice, ...] = ()
    problems: tuple[str, ...] = ()


def driver_of(software: str) -> str:
    """The driver's name in what a car says of its software: "vla-2.0 hansom-agent/0.1", "rules/1 hansom-agent/0.1"."""
    first = software.split(maxsplit=1)[:1]
    return first[0].partition("/")[0] if first else ""


def read(name: str, manifest: object) -> Release:
    """The release `name` from its parsed manifest. Raises `BadManifest` when that is no object."""
    if not isinstance(manifest, dict):
        raise BadManifest("the manifest is not an object")
    told = _Reader(manifest)
    training, scores = told.part("training"), told.part("scores")
    inference, calibration = told.part("inference"), told.part("calibration")
    return Release(
        name=name,
        about=told.text("about"),
        created_at=told.text("created_at"),
        evaluated_at=scores.text("evaluated_at"),
        parameters=told.count("parameters"),
        train_minutes=training.number("minutes"),
        train_frames=training.count("frames"),
        train_device=training.text("device"),
        routes=scores.count("routes"),
        km=scores.number("km"),
        maps=scores.texts("maps"),
        uncertainty_limit=calibration.number("uncertainty_limit"),
        with_safety=scores.part("with_safety").figures(DRIVING),
        without_safety=scores.part("without_safety").figures(DRIVING),
        teacher=scores.part("teacher").figures(DRIVING),
        language=scores.part("language").figures(LANGUAGE),
        limits=scores.part("limits").figures(LIMITS),
        scenarios=scores.rows("scenarios", _scenario),
        platforms=scores.rows("platforms", _platform),
        curve=tuple(sorted(training.rows("curve", _curve_point), key=lambda point: point.minutes)),
        inference_device=inference.text("device"),
        baseline=inference.text("baseline"),
        batches=inference.rows("batches", _batch),
        choices=inference.rows("steps", _choice),
        problems=tuple(told.problems),
    )


class _Reader:
    """One object of the manifest; what makes no sense goes to `problems`, with where it stands."""

    def __init__(self, plain: dict[str, object], path: str = "", problems: list[str] | None = None) -> None:
        self.plain, self.path = plain, path
        self.problems: list[str] = [] if problems is None else problems

    def part(self, name: str) -> "_Reader":
        value = self.plain.get(name)
        if value is not None and not isinstance(value, dict):
            self._problem(name, "not an object")
        return _Reader(value if isinstance(value, dict) else {}, f"{self.path}{name}.", self.problems)

    def text(self, name: str) -> str:
        value = self.plain.get(name)
        if value is None or isinstance(value, str):
            return "".join(c if c.isprintable() else " " for c in value or "")[:MAX_TEXT]
        self._problem(name, "not a text")
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.plain.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._problem(name, "not a list of texts")
            return ()
        return tuple(item[:MAX_TEXT] for item in value[:MAX_ROWS])

    def number(self, name: str) -> float | None:
        value = self.plain.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self._problem(name, "not a number")
            return None
        return float(value)

    def count(self, name: str) -> int | None:
        value = self.number(name)
        if value is not None and (value < 0 or value != int(value)):
            self._problem(name, "not a count")
            return None
        return None if value is None else int(value)

    def bound(self, name: str) -> float | None:
        """One end of an interval; one without end is none."""
        value = self.plain.get(name)
        return None if isinstance(value, float) and math.isinf(value) else self.number(name)

    def figures(self, names: tuple[str, ...]) -> Figures:
        found = {name: self.figure(name) for name in names}
        return {name: figure for name, figure in found.items() if figure is not None}

    def figure(self, name: str) -> Figure | None:
        """`{"value", "low", "high", "n"}` or a bare number. One that rests on nothing was not measured."""
        if not isinstance(self.plain.get(name), dict):
            value = self.number(name)
            return None if value is None else Figure(value)
        part = self.part(name)
        value, n = part.number("value"), part.count("n")
        low, high = part.bound("low"), part.bound("high")
        if value is None or (n == 0 and (low is None or high is None or not name.endswith("_per_1000km"))):
            return None
        return Figure(value, low, high, n)

    def rows(self, name: str, make: "Callable[[_Reader], T | None]") -> tuple[T, ...]:
        value = self.plain.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._problem(name, "not a list")
            return ()
        made: list[T] = []
        for index, item in enumerate(value[:MAX_ROWS]):
            row = make(_Reader(item, f"{self.path}{name}[{index}].", self.problems)) if isinstance(item, dict) else None
            if row is None:
                self._problem(f"{name}[{index}]", "not a row of this table")
            else:
                made.append(row)
        return tuple(made)

    def _problem(self, name: str, what: str) -> None:
        self.problems.append(f"{self.path}{name}: {what}")


def _scenario(row: _Reader) -> ScenarioScore | None:
    name, success, n = row.text("name"), row.count("success"), row.count("n")
    if not name or success is None or not n or success > n:
        return None
    return ScenarioScore(name, success, n, row.count("teacher_success"))


def _platform(row: _Reader) -> PlatformScore | None:
    name = row.text("name")
    return PlatformScore(name, row.figures(DRIVING)) if name else None


def _curve_point(row: _Reader) -> CurvePoint | None:
    minutes = row.number("minutes")
    if minutes is None:
        return None
    names = ("train_loss", "val_loss", "val_ade_m", "val_cause_accuracy", "route_completion")
    return CurvePoint(minutes, *(row.number(name) for name in names))


def _batch(row: _Reader) -> BatchTime | None:
    batch = row.count("batch")
    if not batch:
        return None
    return BatchTime(
        batch, row.number("p50_ms"), row.number("p99_ms"), row.number("baseline_p50_ms"), row.number("ratio")
    )


def _choice(row: _Reader) -> Choice | None:
    name, ratio = row.text("choice"), row.number("ratio")
    return Choice(name, ratio) if name and ratio is not None else None
