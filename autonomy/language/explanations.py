"""What the driver says about itself: one plain sentence per cause, refusal and question.

A sentence is decided by the cause and by what the car does: drives on, slows or stands. Sentences are unique, so that
a decoded one can be read back and counted right or wrong.
"""

from functools import cache
from types import MappingProxyType

from autonomy.language.words import normal
from autonomy.world.observation import Cause
from autonomy.world.orders import OrderKind

DRIVING, SLOWING, WAITING = "driving", "slowing", "waiting"

_PLAIN: dict[Cause, tuple[str, str, str]] = {
    # cause: (while driving, while slowing, while standing)
    Cause.CRUISE: ("driving: the road is clear", "slowing: keeping the limit", "starting: the road is clear"),
    Cause.TURN: ("turning at the junction", "slowing: turn ahead", "starting: turn ahead"),
    Cause.FOLLOW: ("following the car ahead", "slowing: car ahead", "waiting: car ahead"),
    Cause.RED_LIGHT: ("driving: the light ahead is red", "stopping: red light", "waiting: red light"),
    Cause.YIELD: ("driving: giving way", "slowing: giving way at the junction", "waiting: giving way at the junction"),
    Cause.PEDESTRIAN: ("driving: pedestrian near the lane", "slowing: pedestrian ahead", "waiting: pedestrian ahead"),
    Cause.CYCLIST: ("following a cyclist", "slowing: cyclist ahead", "waiting: cyclist ahead"),
    Cause.BLOCKED: ("driving: lane blocked ahead", "stopping: lane blocked ahead", "waiting: the lane is blocked"),
    Cause.WORKS: ("passing road works", "slowing: road works ahead", "waiting: road works ahead"),
    Cause.SCHOOL_BUS: ("following a school bus", "stopping: school bus with lights", "waiting: school bus with lights"),
    Cause.EMERGENCY: (
        "driving aside for an emergency vehicle",
        "stopping: emergency vehicle",
        "waiting: emergency vehicle",
    ),
    Cause.OFFICER: (
        "driving: the officer says go",
        "stopping: the officer says stop",
        "waiting: the officer says stop",
    ),
    Cause.UNKNOWN_OBJECT: (
        "driving: object near the lane",
        "stopping: unknown object ahead",
        "waiting: unknown object ahead",
    ),
    Cause.PASSING: ("passing on the left", "slowing: about to pass", "waiting: about to pass"),
    Cause.STOPPING: ("driving to the stop", "stopping at the kerb", "waiting: at the stop"),
    Cause.STANDING: ("driving: no errand", "stopping: no errand", "standing at the stop"),
    Cause.LEAVING_KERB: ("leaving the kerb", "slowing: leaving the kerb", "waiting to leave the kerb"),
    Cause.ORDER_WAIT: ("driving: told to wait", "stopping: told to wait", "waiting: told to wait"),
    Cause.ORDER_PULL_OVER: ("driving: told to pull over", "stopping: told to pull over", "standing: told to pull over"),
    Cause.LOW_VISIBILITY: ("driving slowly: poor visibility", "slowing: poor visibility", "waiting: poor visibility"),
    Cause.CAMERA_FAULT: ("driving slowly: camera fault", "stopping: camera fault", "waiting: camera fault"),
    Cause.REFUSED: ("driving: order refused", "slowing: order refused", "waiting: order refused"),
}

SENTENCES: MappingProxyType[Cause, tuple[str, str, str]] = MappingProxyType(_PLAIN)
CAUSES = tuple(Cause)

REFUSALS: MappingProxyType[OrderKind, str] = MappingProxyType(
    {
        OrderKind.RUN_RED_LIGHT: "refused: i stop at red lights",
        OrderKind.IGNORE_PEDESTRIAN: "refused: i stop for people",
        OrderKind.SPEED: "refused: i keep the speed limit",
        OrderKind.DRIVE_ON_PAVEMENT: "refused: the pavement is for people",
        OrderKind.WRONG_WAY: "refused: i do not drive against the traffic",
    }
)

QUESTIONS: MappingProxyType[Cause, str] = MappingProxyType(
    {
        Cause.BLOCKED: "the lane is blocked, may i pass on the left?",
        Cause.UNKNOWN_OBJECT: "unknown object ahead, what shall i do?",
        Cause.LOW_VISIBILITY: "poor visibility, may i wait here?",
        Cause.CAMERA_FAULT: "camera fault, what shall i do?",
        Cause.WORKS: "the road works leave no room, may i pass on the left?",
    }
)


def explain(cause: Cause, *, speed_mps: float, accel_mps2: float) -> str:
    """The sentence for a cause, by speed and by mean acceleration over the next two seconds."""
    if speed_mps < 0.3 and accel_mps2 <= 0.3:
        return _PLAIN[cause][2]
    return _PLAIN[cause][1] if accel_mps2 < -0.4 else _PLAIN[cause][0]


@cache
def _read_back() -> dict[str, Cause]:
    return {normal(sentence): cause for cause, sentences in _PLAIN.items() for sentence in sentences}


def cause_of(sentence: str) -> Cause | None:
    """The cause that a sentence tells, None for one that is not an explanation."""
    return _read_back().get(normal(sentence))


def all_sentences() -> tuple[str, ...]:
    """Explanations, refusals and questions, in a fixed order."""
    plain = tuple(sentence for sentences in _PLAIN.values() for sentence in sentences)
    return (*plain, *REFUSALS.values(), *QUESTIONS.values())
