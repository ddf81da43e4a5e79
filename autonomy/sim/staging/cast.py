"""Who plays in a scenario, by `type`: each entry of the file's `cast` is set up by one of these functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autonomy.sim.actors.looks import CLOTHES, SIZE_M
from autonomy.sim.actors.officer import StopAndGo, post_officer
from autonomy.sim.actors.standing import Opens, blocking_vehicle, road_works
from autonomy.sim.actors.walking import Cross, Line, Walk
from autonomy.sim.roads import KERB_SHIFT_M
from autonomy.sim.staging.set import Set
from autonomy.sim.staging.traffic_cast import TRAFFIC_CAST
from autonomy.sim.staging.values import choice, number
from autonomy.world.observation import HazardKind
from autonomy.world.scene import BodyKind, Lights

Builder = Callable[[Set, Mapping[str, Any], str], None]
BODIES = {kind.name.lower(): kind for kind in BodyKind}


def body_kind(spec: Mapping[str, Any], stage: Set, default: str) -> BodyKind:
    """The field `body`. Raises ValueError for an unknown word."""
    word = choice(spec, "body", stage.random, default)
    if word not in BODIES:
        raise ValueError(f"body: {word!r} is unknown; known are {', '.join(sorted(BODIES))}")
    return BODIES[word]


def _spot(stage: Set, spec: Mapping[str, Any], default_m: float = 50.0) -> float:
    """Where on the car's way: `ahead_m` from `anchor`."""
    return stage.along(number(spec, "ahead_m", stage.random, default_m), str(spec.get("anchor", "start")))


def _walker(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """Crosses the road so as to be in the car's lane `meets_s` after a car that drives on would be there, or (with
    `when_s`) when the car is so far away; `side`: kerb or far; `count` people; `body`: pedestrian, animal or cyclist;
    `stops_m`: how far in they stop, for `stops_s`; without `goes` they only stand there."""
    random = stage.random
    s = _spot(stage, spec)
    kind = body_kind(spec, stage, "pedestrian")
    kerb, far = stage.road(s)
    from_kerb = choice(spec, "side", random, "kerb") == "kerb"
    start = number(spec, "from_m", random, kerb + 0.6) if from_kerb else -(far + 0.6)
    end = -(far + 1.0) if from_kerb else kerb + 1.0
    x, y, _ = stage.beside(s, 0.0)
    speed = number(spec, "speed_mps", random, 1.4)
    meets = abs(start) / speed - number(spec, "meets_s", random, 0.0)
    seconds = number(spec, "when_s", random, max(meets, 0.5))
    when = stage.when_near(x, y, seconds=seconds, metres=number(spec, "when_m", random, 0.0))
    late = seconds - stage.reaches_in(stage.ahead_of_car(x, y))
    ahead_start = max(late, 0.0) * speed if spec.get("goes", True) else 0.0  # they are on their way already
    for member in range(int(number(spec, "count", random, 1))):
        shift = float(random.uniform(-0.3, 0.3)) + 0.8 * member * (1 if member % 2 else -1)
        begin = start - np.sign(start) * min(ahead_start, 0.6 * abs(start))
        over = Line([stage.beside(s + shift, begin)[:2], stage.beside(s + shift, end)[:2]])
        leg = stage.beside(s + shift + float(random.choice([-14.0, 14.0])), end)[:2]
        after = Walk(Line([over.points[-1], leg]), speed, again=False)
        script = Cross(
            over, speed * float(random.uniform(0.92, 1.08)), when, after,
            pause_at_m=number(spec, "stops_m", random, -1.0), pause_s=number(spec, "stops_s", random, 0.0),
        )  # fmt: skip
        if not spec.get("goes", True):
            script.goes = _never
        child = (0.35, 0.42, 1.2) if spec.get("child", False) else None
        colour = CLOTHES[int(random.integers(len(CLOTHES)))] if kind is BodyKind.PEDESTRIAN else None
        px, py, heading = over.at(0.0)
        actor = stage.world.actors.add(
            f"{name}-{member}", kind, px, py, heading, size=child, colour=colour, script=script, state="walking"
        )
        if not spec.get("waits", False):
            script.waiting_state = "walking"
        actor.state = script.waiting_state


def _never(world: object) -> bool:
    return False


def _parked(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """A row of `count` parked vehicles at the kerb from `ahead_m` on; `aside_m`: further out into the lane."""
    at = _spot(stage, spec)
    for member in range(int(number(spec, "count", stage.random, 1))):
        kind = body_kind(spec, stage, "car")
        size = SIZE_M[kind]
        middle = at + size[0] / 2
        out = KERB_SHIFT_M + max(size[1] - 2.0, 0.0) / 2 - number(spec, "aside_m", stage.random, 0.0)
        x, y, heading = stage.beside(middle, out)
        stage.world.actors.add(f"{name}-{member}", kind, x, y, heading)
        at += size[0] + 1.2


def _blocking(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """A vehicle that stands in the lane with its hazard lights on."""
    s = _spot(stage, spec)
    kind = body_kind(spec, stage, "truck")
    size = (7.5, 2.35, 3.2) if kind is BodyKind.TRUCK else None

    def place(ahead: float, right: float) -> tuple[float, float, float]:
        return stage.beside(s + ahead, right)

    blocking_vehicle(stage.world, name, place, ahead_m=0.0, kind=kind, size=size)


def _works(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """Road works from `ahead_m` on, `length_m` long, with cones `edge_m` right of the lane's middle."""
    s = _spot(stage, spec)

    def place(ahead: float, right: float) -> tuple[float, float, float]:
        return stage.beside(s + ahead, right)

    length, edge = number(spec, "length_m", stage.random, 24.0), number(spec, "edge_m", stage.random, 0.4)
    road_works(stage.world, name, place, start_m=0.0, length_m=length, edge_m=edge)


def _thing(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """Something that lies or stands on the road, `right_m` from the lane's middle."""
    kind = body_kind(spec, stage, "debris")
    x, y, heading = stage.beside(_spot(stage, spec), number(spec, "right_m", stage.random, 0.0))
    turned = heading + number(spec, "turned_rad", stage.random, 0.0)
    hazard = HazardKind.UNKNOWN if kind in (BodyKind.CONE, BodyKind.BARRIER, BodyKind.TREE, BodyKind.POLE) else None
    beacon = Lights.BEACON if kind is BodyKind.EMERGENCY else Lights.NONE
    stage.world.actors.add(name, kind, x, y, turned, hazard=hazard, lights=beacon)


def _door(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """A parked car whose door opens when the car is `when_s` away and closes after `for_s`."""
    s = _spot(stage, spec)
    kind = body_kind(spec, stage, "car")
    length, width, _ = SIZE_M[kind]
    pose = stage.beside(s, KERB_SHIFT_M + max(width - 2.0, 0.0) / 2)
    stage.world.actors.add(f"{name}-car", kind, *pose)
    random = stage.random
    when = stage.when_near(pose[0], pose[1], seconds=number(spec, "when_s", random, 3.5))
    script = Opens(pose, length, width, stage.side, when, number(spec, "for_s", random, 7.0))
    stage.world.actors.add(name, BodyKind.CAR_DOOR, *pose, script=script, solid=False)


def _officer(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """In a junction: directs it, the car's side goes first or last (`first`), `go_s` each. On a straight road: holds
    the lane for `hold_s`."""
    random = stage.random
    if stage.spot.junction >= 0:
        first = bool(spec.get("first", False))
        post_officer(
            stage.world, stage.spot.junction, stage.spot.edges[0], go_s=number(spec, "go_s", random, 14.0), first=first
        )
        return
    x, y, heading = stage.beside(_spot(stage, spec), number(spec, "right_m", random, 1.5))
    script = StopAndGo(stage.world.time_s + number(spec, "hold_s", random, 18.0))
    officer = stage.world.actors.add(name, BodyKind.OFFICER, x, y, heading + np.pi, script=script, state="stop")
    script.step(officer, stage.world, 0.0)


def _dark_signal(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """The junction's signals have failed. Raises ValueError when it has none."""
    stage.world.dark_signal(stage.spot.junction)


@dataclass
class _Fixed:
    """Signals of one junction for a test: `first` for the car's axis until `change_s`, then the other colour."""

    plan: Any
    approach: int
    shift_s: float = field(default=0.0)

    def colour(self, approach: int, time_s: float) -> Any:
        return self.plan.colour(approach, time_s + self.shift_s)


def _signal(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """The junction's plan shifted so that the car's approach gets the colour `shows`, begun `into_s` seconds ago."""
    plan = stage.world.rules.plans[stage.spot.junction]
    fixed = _Fixed(plan, stage.spot.edges[0])
    wanted = {"green": 1, "amber": 2, "red": 3}[choice(spec, "shows", stage.random, "red")]
    into = number(spec, "into_s", stage.random, 0.0)
    now = stage.world.time_s
    for step in range(2400):
        shift = step * 0.1
        before = plan.colour(fixed.approach, now + shift - into - 0.1)
        after = plan.colour(fixed.approach, now + shift - into)
        if after == wanted and before != wanted:
            fixed.shift_s = shift
            break
    stage.world.rules.plans[stage.spot.junction] = fixed


CAST: dict[str, Builder] = {
    "walker": _walker,
    "parked": _parked,
    "blocking": _blocking,
    "works": _works,
    "thing": _thing,
    "door": _door,
    "officer": _officer,
    "dark_signal": _dark_signal,
    "signal": _signal,
    **TRAFFIC_CAST,
}
