"""A person who directs traffic: at a junction by turns of the approaches, on a stretch of road by stop and go."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autonomy.sim.actors.store import Actor
from autonomy.world.observation import Signal
from autonomy.world.scene import BodyKind, Lights

if TYPE_CHECKING:
    from autonomy.sim.world import World

CHANGE_S = 3.0


@dataclass(frozen=True)
class Turns:
    """Orders for a junction: the approaches of each group in `groups` go in turn for `go_s`, with `CHANGE_S` between;
    the first group begins at `start_s`."""

    junction: int
    groups: tuple[frozenset[int], ...]
    go_s: float
    start_s: float

    def colour(self, approach: int, time_s: float) -> Signal:
        """GREEN: go, RED: stop; approaches of no group stop."""
        turn = self.go_s + CHANGE_S
        at = (time_s - self.start_s) % (turn * len(self.groups))
        number, into = int(at // turn), at % turn
        return Signal.GREEN if approach in self.groups[number] and into < self.go_s else Signal.RED


@dataclass
class Directs:
    """The officer of a junction, who shows `approach` what it may do."""

    orders: Turns
    approach: int

    def step(self, me: Actor, world: "World", dt_s: float) -> bool:
        me.orders = self.orders
        goes = self.orders.colour(self.approach, world.time_s) is Signal.GREEN
        me.state = "go" if goes else "stop"
        me.show(Lights.GESTURE_GO if goes else Lights.GESTURE_STOP)
        return True


@dataclass
class StopAndGo:
    """Holds the lane until `go_s` (world time), then lets it go."""

    go_s: float

    def step(self, me: Actor, world: "World", dt_s: float) -> bool:
        goes = world.time_s >= self.go_s
        me.state = "go" if goes else "stop"
        me.show(Lights.GESTURE_GO if goes else Lights.GESTURE_STOP)
        return True


def post_officer(world: "World", junction: int, approach: int, *, go_s: float, first: bool) -> Actor:
    """Put an officer in the middle of a junction; the signals go dark. `first`: `approach` goes first.

    Raises ValueError when the junction lacks the approach.
    """
    approaches = world.junctions.approaches[junction]
    if approach not in approaches:
        raise ValueError(f"approach: {approach} does not lead into junction {junction}")
    heading = world.rules.arrival_heading
    same = frozenset(edge for edge in approaches if _along(heading(edge), heading(approach)))
    others = frozenset(approaches) - same
    groups = (same, others) if first else (others, same)
    orders = Turns(junction, groups, go_s, world.time_s)
    world.direct_junction(junction, orders)
    node = int(world.road_map.edge_to[approach])
    x, y = float(world.road_map.node_x[node]), float(world.road_map.node_y[node])
    script = Directs(orders, approach)
    officer = world.actors.add(
        f"officer-{junction}", BodyKind.OFFICER, x, y, heading(approach) + 3.14159265, script=script
    )
    script.step(officer, world, 0.0)
    return officer


def _along(a: float, b: float) -> bool:
    """Are the headings within 45 degrees of one line?"""
    away = abs((a - b + 1.5707963) % 3.14159265 - 1.5707963)
    return away < 0.785
