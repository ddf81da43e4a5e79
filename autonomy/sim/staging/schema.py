"""Scenarios as data: what happens to a car at what kind of place, and what it has to achieve there.

The files are YAML in the manner of ASAM OpenSCENARIO's storyboard, cut down to what one car's test needs:

    name: jaywalker                  # the file's name
    title: Somebody steps on the road between crossings
    group: people
    place: {kind: straight, length_m: 110}        # see `autonomy.sim.staging.places.PlaceRule`
    ego: {speed_mps: 6}                            # at the start
    weather: clear                                 # or a list to draw from, see `autonomy.sim.staging.sky`
    traffic: {vehicles: 2, pedestrians: 4}         # see `autonomy.sim.population.populate`
    cast: [{type: walker, ahead_m: [45, 60], when_s: [2.6, 3.2]}]   # see `autonomy.sim.staging.cast`
    instruction: {order: pass_left, after_s: 2}
    lens: [{camera: front_wide, fault: dirt, level: 0.5, after_s: 3}]
    success: [arrive]                              # see `autonomy.sim.staging.judge.CONDITIONS`
    causes: [pedestrian]                           # what the driver's reason may be at the decisive moment
    limit_s: 60
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from autonomy.sim.staging.cast import CAST
from autonomy.sim.staging.places import PlaceRule
from autonomy.sim.staging.sky import SKIES
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import Cause
from autonomy.world.orders import OrderKind
from autonomy.world.scene import LensFault

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
CONDITIONS = (
    "arrive", "stand", "kerb", "help", "stop_or_help", "refuse", "take_left", "take_right", "go_straight", "slow",
    "pass", "make_way",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """One type of scenario; see the module's text."""

    name: str
    title: str
    group: str
    place: PlaceRule
    success: tuple[str, ...]
    limit_s: float
    ego: Mapping[str, Any]
    weather: tuple[str, ...]
    traffic: Mapping[str, int]
    cast: tuple[Mapping[str, Any], ...]
    instruction: Mapping[str, Any] | None
    lens: tuple[Mapping[str, Any], ...]
    causes: tuple[Cause, ...]
    dark: bool


_KNOWN = frozenset(field.name for field in fields(Scenario))


def load(source: str | Path) -> Scenario:
    """A shipped scenario by name, or one from a file. Raises ValueError that names the field and what is wrong."""
    path = Path(source)
    if not path.suffix:
        path = FOLDER / f"{source}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"scenario: {source} can't be read: {error}") from error
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"scenario: {path.name} is not YAML: {error}") from error
    try:
        return parse(data)
    except ValueError as error:
        raise ValueError(f"scenario {path.stem}: {error}") from error


@cache
def all_scenarios() -> tuple[Scenario, ...]:
    """All shipped scenarios by name."""
    return tuple(load(path) for path in sorted(FOLDER.glob("*.yaml")))


def parse(data: Any) -> Scenario:
    """A scenario from plain data. Raises ValueError that names the field."""
    if not isinstance(data, Mapping):
        raise ValueError("a scenario is a mapping of fields")
    unknown = sorted(str(key) for key in data if key not in _KNOWN)
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no such field")
    missing = [name for name in ("name", "title", "group", "place", "success", "limit_s") if name not in data]
    if missing:
        raise ValueError(f"{', '.join(missing)}: missing")
    limit = data["limit_s"]
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 5 <= limit <= 300:
        raise ValueError(f"limit_s: {limit!r} is not within 5 and 300")
    return Scenario(
        name=_text(data, "name"),
        title=_text(data, "title"),
        group=_text(data, "group"),
        place=_place(data["place"]),
        success=_words(data, "success", CONDITIONS),
        limit_s=float(limit),
        ego=_mapping(data.get("ego", {}), "ego", ("speed_mps", "speed_share", "at_kerb")),
        weather=_words(data, "weather", tuple(SKIES), "clear"),
        traffic=_traffic(data.get("traffic", {})),
        cast=_cast(data.get("cast", [])),
        instruction=_instruction(data.get("instruction")),
        lens=tuple(_lens(entry) for entry in _list(data.get("lens", []), "lens")),
        causes=tuple(Cause(word) for word in _words(data, "causes", tuple(Cause), ())),
        dark=bool(data.get("dark", False)),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: {value!r} is not a text")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name}: {value!r} is not a list")
    return value


def _words(
    data: Mapping[str, Any], name: str, known: tuple[str, ...], default: str | tuple[str, ...] = ()
) -> tuple[str, ...]:
    value = data.get(name, default)
    words = (value,) if isinstance(value, str) else tuple(value)
    for word in words:
        if word not in known:
            raise ValueError(f"{name}: {word!r} is unknown; known are {', '.join(known)}")
    return words


def _mapping(value: Any, name: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: {value!r} is not a mapping")
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise ValueError(f"{name}.{unknown[0]}: no such field; known are {', '.join(known)}")
    return value


def _place(value: Any) -> PlaceRule:
    names = tuple(field.name for field in fields(PlaceRule))
    return PlaceRule(**_mapping(value, "place", names))


def _traffic(value: Any) -> Mapping[str, int]:
    counts = _mapping(value, "traffic", ("vehicles", "pedestrians", "cyclists", "parked"))
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"traffic.{name}: {count!r} is not a whole number from 0")
    return counts


def _cast(value: Any) -> tuple[Mapping[str, Any], ...]:

    found = []
    for number, entry in enumerate(_list(value, "cast")):
        if not isinstance(entry, Mapping) or entry.get("type") not in CAST:
            known = ", ".join(sorted(CAST))
            raise ValueError(f"cast.{number}.type: {entry!r} is of no known type; known are {known}")
        found.append(entry)
    return tuple(found)


def _instruction(value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    spec = _mapping(value, "instruction", ("order", "after_s", "at_m", "for_s"))
    if spec.get("order") not in tuple(OrderKind):
        raise ValueError(f"instruction.order: {spec.get('order')!r} is unknown")
    return spec


def _lens(value: Any) -> Mapping[str, Any]:
    spec = _mapping(value, "lens", ("camera", "fault", "level", "after_s"))
    if spec.get("camera") not in (*CAMERA_NAMES, "all"):
        raise ValueError(f"lens.camera: {spec.get('camera')!r} is unknown")
    if spec.get("fault") not in tuple(LensFault):
        raise ValueError(f"lens.fault: {spec.get('fault')!r} is unknown")
    return spec
