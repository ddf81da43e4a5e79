"""What makes an instant worth keeping: judged from two successive looks of one car."""

from dataclasses import dataclass

from autonomy.record.entries import Happening, Look

AUTONOMOUS = "AUTONOMOUS"


@dataclass(frozen=True, slots=True)
class TriggerBounds:
    """hard_brake_mps2: braking that passengers feel as hard; uncertainty: above it the policy is held for unsure; ood:
    1 is the calibrated limit; waits_s: how long standing without a known cause is a long wait; held_mps2: the safety
    layer holds back by so much more than the policy asked."""

    hard_brake_mps2: float = 4.0
    uncertainty: float = 0.7
    ood: float = 1.0
    waits_s: float = 60.0
    overrules_mps: float = 1.5


WEIGHTS = {
    "stopped_by_safety": 10.0,
    "overruled": 5.0,
    "help": 5.0,
    "hard_brake": 4.0,
    "refused": 3.0,
    "strange": 3.0,
    "unsure": 2.0,
    "long_wait": 2.0,
    "disagreement": 2.0,
    "demanded": 1.0,
}
_MAY_STAND = frozenset({"standing", "order_wait", "order_pull_over"})


def happenings(before: Look | None, now: Look, stood_s: float, bounds: TriggerBounds) -> list[Happening]:
    """What has begun with this look: an ongoing state is told once. stood_s: how long the car has been standing."""
    found = {
        kind: detail for kind, detail in _states(now, stood_s, bounds) if kind not in _known(before, stood_s, bounds)
    }
    return [
        Happening(time_s=now.seen.time_s, kind=kind, detail=text, weight=WEIGHTS[kind]) for kind, text in found.items()
    ]


def _known(before: Look | None, stood_s: float, bounds: TriggerBounds) -> set[str]:
    if before is None:
        return set()
    # The wait of the look before was one cycle shorter; it is known once it has been told.
    return {kind for kind, _ in _states(before, stood_s - 0.2, bounds)}


def _states(look: Look, stood_s: float, bounds: TriggerBounds) -> list[tuple[str, str]]:
    action, ego = look.action, look.seen.ego
    found = []
    if look.mode != AUTONOMOUS:
        found.append(("stopped_by_safety", f"{look.mode}: {look.driven.intent}"))
    slower = float(action.trajectory[-1, 3] - look.driven.trajectory[-1, 3])
    if look.mode == AUTONOMOUS and slower > bounds.overrules_mps:
        found.append(("overruled", f"the safety layer drives {slower:.1f} m/s slower: {look.driven.intent}"))
    if action.help is not None:
        found.append(("help", action.help))
    if ego.accel_mps2 < -bounds.hard_brake_mps2:
        found.append(("hard_brake", f"{-ego.accel_mps2:.1f} m/s2"))
    if action.refuses is not None:
        found.append(("refused", action.refuses))
    if action.ood > bounds.ood:
        found.append(("strange", f"{action.ood:.2f} of the limit"))
    if action.uncertainty > bounds.uncertainty:
        found.append(("unsure", f"{action.uncertainty:.2f}"))
    if stood_s > bounds.waits_s and action.cause not in _MAY_STAND:
        found.append(("long_wait", f"{action.cause or 'no cause'} since {stood_s:.0f} s"))
    return found
