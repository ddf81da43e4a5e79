"""What a network shall have said: the teacher's action and the simulator's truth as arrays, for training and scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autonomy.language import meaning
from autonomy.model.features import SAID, Arrays, default_tokenizer
from autonomy.model.inputs import AUX_NAMES, CAUSES, FLAGS, HAZARDS, ORDERS
from autonomy.model.tokenizer import Tokenizer
from autonomy.world.action import Action
from autonomy.world.observation import Cause, HazardKind, Observation, Signal
from autonomy.world.scene import LensFault

SIGHT_M = 60.0
_INDEX = {name: k for k, name in enumerate(AUX_NAMES)}
_FLAGS = len(FLAGS)
_CAUSE = {str(cause): k for k, cause in enumerate(CAUSES)}
_ORDER = {str(order): k for k, order in enumerate(ORDERS)}


def targets(
    observations: Sequence[Observation], actions: Sequence[Action], tokenizer: Tokenizer | None = None
) -> Arrays:
    """Of the teacher's actions on these observations: plan f4[N, 20, 3] (x, y in the car's own frame, speed); cause,
    order i8[N]; refuse, help f4[N]; said i8[N, SAID]; aux, aux_known f4[N, AUX] (known 0: this truth has no value
    here). Raises ValueError for a cause that is none, and when the counts differ."""
    if len(observations) != len(actions):
        raise ValueError(f"actions: {len(actions)}, must be {len(observations)}")
    tokens = tokenizer or default_tokenizer()
    truths = [_aux(seen) for seen in observations]
    return {
        "plan": np.array([_plan(seen, act) for seen, act in zip(observations, actions, strict=True)], np.float32),
        "cause": np.array([_cause(act) for act in actions], np.int64),
        "order": np.array([order_of(seen) for seen in observations], np.int64),
        "refuse": np.array([act.refuses is not None for act in actions], np.float32),
        "help": np.array([act.help is not None for act in actions], np.float32),
        "said": np.array([tokens.said(act.explanation, SAID) for act in actions], np.int64),
        "aux": np.array([value for value, _ in truths], np.float32),
        "aux_known": np.array([known for _, known in truths], np.float32),
    }


def order_of(seen: Observation) -> int:
    """What the instruction asks for, as an index of ORDERS: from the order if there is one, else from the grammar."""
    kind = seen.order.kind if seen.order is not None else meaning(seen.instruction) if seen.instruction else None
    return _ORDER[str(kind)] if kind is not None else 0


def _cause(action: Action) -> int:
    try:
        return _CAUSE[str(action.cause)]
    except KeyError:
        raise ValueError(f"cause: {action.cause!r} is unknown") from None


def _plan(seen: Observation, action: Action) -> NDArray[np.float64]:
    c, s = np.cos(seen.ego.heading_rad), np.sin(seen.ego.heading_rad)
    dx, dy = action.trajectory[:, 0] - seen.ego.x_m, action.trajectory[:, 1] - seen.ego.y_m
    return np.column_stack([dx * c + dy * s, -dx * s + dy * c, action.trajectory[:, 3]])


def near(metres: float) -> float:
    """0 m to SIGHT_M as 0 to 1, finer when near."""
    return float(np.log1p(min(max(metres, 0.0), SIGHT_M)) / np.log1p(SIGHT_M))


def _aux(seen: Observation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    value, known = np.zeros(len(AUX_NAMES)), np.zeros(len(AUX_NAMES))
    known[:_FLAGS] = 1.0

    def flag(name: str, yes: bool) -> None:
        value[_INDEX[name]] = float(yes)

    def number(name: str, what: float) -> None:
        value[_INDEX[name]], known[_INDEX[name]] = what, 1.0

    _junction(seen, flag, number)
    known[_INDEX["may_enter"]] = float(seen.junction is not None and seen.junction.line_m < SIGHT_M)
    leader = seen.leader if seen.leader is not None and seen.leader.gap_m < SIGHT_M else None
    flag("leader", leader is not None)
    if leader is not None:
        number("leader_gap", near(leader.gap_m))
        number("leader_speed", leader.speed_mps / 10.0)
    flag("may_leave_kerb", seen.may_leave_kerb)
    flag("in_box", seen.box_left_m > 0)
    flag("lens_fault", any(fault is not LensFault.NONE and level > 0.3 for fault, level in seen.lens.values()))
    _hazards(seen, flag, number)
    flag("night", seen.weather.sun_elevation_rad < 0)
    flag("fog", seen.weather.visibility_m < 300)
    number("visibility", float(np.log10(np.clip(seen.weather.visibility_m, 10, 10_000))) / 4.0)
    number("rain", seen.weather.rain)
    number("left", float(np.clip(seen.ego.lateral_m, -5, 5)) / 2.0)
    number("room_left", float(np.clip(seen.room_left_m[0], 0, 8)) / 4.0)
    number("curvature", float(np.clip(seen.path[:10, 3].mean() * 10.0, -2, 2)))
    if seen.kerb_m is not None:
        number("kerb", near(seen.kerb_m))
    return value, known


def _junction(seen: Observation, flag, number) -> None:  # type: ignore[no-untyped-def]  # two closures of the caller
    ahead = seen.junction if seen.junction is not None and seen.junction.line_m < SIGHT_M else None
    signal = ahead.signal if ahead is not None else Signal.NONE
    for one in Signal:
        flag(f"signal_{one.name.lower()}", signal is one)
    flag("may_enter", ahead is not None and ahead.may_enter)
    if ahead is not None:
        number("line", near(ahead.line_m))


def _hazards(seen: Observation, flag, number) -> None:  # type: ignore[no-untyped-def]  # two closures of the caller
    close = [one for one in seen.hazards if -5.0 < one.ahead_m < 45.0]
    for kind in HAZARDS:
        flag(f"near_{kind}", any(one.kind is kind for one in close))
    walkers = [
        one for one in close if one.kind is HazardKind.PEDESTRIAN and (one.clear_m < 0.6 or one.state == "crossing")
    ]
    flag("walker", bool(walkers))
    if walkers:
        number("walker_gap", near(min(one.ahead_m for one in walkers)))
    flag("oncoming", any(one.state == "oncoming" and 0 < one.ahead_m < SIGHT_M for one in seen.hazards))
    states = {(one.kind, one.state) for one in seen.hazards if -5.0 < one.ahead_m < SIGHT_M}
    flag("officer_stop", (HazardKind.OFFICER, "stop") in states)
    flag("officer_go", (HazardKind.OFFICER, "go") in states)
    flag("bus_flashing", (HazardKind.SCHOOL_BUS, "flashing") in states)
    ahead = [one for one in close if one.ahead_m > -2.0 and one.clear_m < 1.5]
    if ahead:
        first = min(ahead, key=lambda one: one.ahead_m)
        number("hazard_gap", near(first.ahead_m))
        number("hazard_left", float(np.clip(first.left_m, -6, 6)) / 3.0)


__all__ = ["SIGHT_M", "Cause", "near", "order_of", "targets"]
