"""Where a scenario can play on a map."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from autonomy.sim.path import kerb_allowed
from autonomy.sim.roadside import Crossing
from autonomy.sim.world import World

STRAIGHT = 0.985  # chord to length
KINDS = ("straight", "signal", "junction", "any_junction", "crossing")
TURNS = ("left", "right", "straight", "any")
TURN_RAD = (0.6, 2.4)
EXIT_M = 40.0
AFTER_M = 30.0


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """kind: what the place is; length_m: free road that a straight place has at least, and how far the drive goes;
    approach_m: road before the line or crossing; turn: the way taken at a junction; exits: every turn can be taken
    there; lanes: of the direction at least; minor: the approach has to give way; two_way: with an oncoming direction;
    before_m: free road behind the start of a straight place."""

    kind: str
    length_m: float = 110.0
    approach_m: float = 50.0
    turn: str = "any"
    exits: bool = False
    lanes: int = 1
    minor: bool = False
    two_way: bool = True
    before_m: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"place.kind: {self.kind!r} is unknown; known are {', '.join(KINDS)}")
        if self.turn not in TURNS:
            raise ValueError(f"place.turn: {self.turn!r} is unknown; known are {', '.join(TURNS)}")
        for name in ("length_m", "approach_m"):
            if not 20.0 <= getattr(self, name) <= 400.0:
                raise ValueError(f"place.{name}: {getattr(self, name)} is not within 20 and 400")


@dataclass(frozen=True, slots=True)
class Spot:
    """edges: the first of the drive; start_m: rear axle on the first; along_m: where on the first edge the line or the
    crossing is (NaN: nothing there); junction: -1 where it is none; exits: edge behind the junction by turn."""

    edges: tuple[int, ...]
    start_m: float
    along_m: float
    junction: int
    exits: dict[str, int]
    crossing: Crossing | None


def spots(world: World, rule: PlaceRule) -> list[Spot]:
    """All places of the map that fit, in a fixed order."""
    find: dict[str, Callable[[World, PlaceRule], Iterator[Spot]]] = {
        "straight": _straights, "signal": _junctions, "junction": _junctions, "any_junction": _junctions,
        "crossing": _crossings,
    }  # fmt: skip
    return list(find[rule.kind](world, rule))


def _fits(world: World, rule: PlaceRule, edge: int) -> bool:
    road_map = world.road_map
    if rule.two_way and road_map.edge_reverse[edge] < 0:
        return False
    line = road_map.geometry(edge)
    chord = float(np.hypot(*(line[-1] - line[0])))
    straight = chord >= STRAIGHT * float(road_map.edge_length_m[edge])
    return straight and kerb_allowed(road_map, edge) and int(road_map.edge_lanes[edge]) >= rule.lanes


def _straights(world: World, rule: PlaceRule) -> Iterator[Spot]:
    roadside = world.roadside
    busy = {crossing.edge for crossing in roadside.crossings if crossing.junction < 0}
    busy |= {int(world.road_map.edge_reverse[edge]) for edge in busy}
    for edge in range(world.road_map.edge_count):
        head, line = float(roadside.head_m[edge]), float(roadside.line_m[edge])
        if _fits(world, rule, edge) and edge not in busy and line - head > rule.length_m + rule.before_m + 6.0:
            yield Spot((edge,), head + 3.0 + rule.before_m, float("nan"), -1, {}, None)


def turn_of(world: World, edge: int, out: int) -> float:
    """Angle of the turn from one edge into another (rad, left positive)."""
    a, b = world.road_map.geometry(edge), world.road_map.geometry(out)
    u, v = a[-1] - a[-2], b[1] - b[0]
    return float(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))


def _exits(world: World, edge: int) -> dict[str, int]:
    """The edge taken by each turn; where the junction is of several nodes only its first exits count."""
    found: dict[str, int] = {}
    junctions, road_map = world.junctions, world.road_map
    for out in road_map.successors[edge]:
        inner = junctions.of_node[road_map.edge_to[out]] == junctions.of_node[road_map.edge_from[out]]
        if out == road_map.edge_reverse[edge] or inner or road_map.edge_length_m[out] < EXIT_M:
            continue
        turn = turn_of(world, edge, out)
        name = "straight" if abs(turn) < TURN_RAD[0] else "left" if turn > 0 else "right"
        if abs(turn) < TURN_RAD[1] and name not in found:
            found[name] = out
    return found


def _junctions(world: World, rule: PlaceRule) -> Iterator[Spot]:
    roadside, junctions, road_map = world.roadside, world.junctions, world.road_map
    for junction in range(junctions.count):
        approaches = junctions.approaches[junction]
        signalled = bool(junctions.signal[junction])
        if {"signal": not signalled, "junction": signalled}.get(rule.kind, False) or len(approaches) < 3:
            continue
        best = min(int(road_map.edge_class[edge]) for edge in approaches)
        for edge in approaches:
            line = float(roadside.line_m[edge])
            if not _fits(world, rule, edge) or line - float(roadside.head_m[edge]) < rule.approach_m + 6.0:
                continue
            if rule.minor and int(road_map.edge_class[edge]) <= best:
                continue
            exits = _exits(world, edge)
            if rule.exits and len(exits) < 3:
                continue
            for name, out in sorted(exits.items()):
                if rule.turn in ("any", name):
                    yield Spot((edge, out), line - rule.approach_m, line, junction, exits, None)


def _crossings(world: World, rule: PlaceRule) -> Iterator[Spot]:
    roadside, road_map = world.roadside, world.road_map
    for crossing in roadside.crossings:
        if crossing.junction >= 0:
            continue
        length = float(road_map.edge_length_m[crossing.edge])
        back = int(road_map.edge_reverse[crossing.edge])
        sides = [(crossing.edge, crossing.along_m), (back, length - crossing.along_m)]
        for edge, along in sides:
            if edge < 0 or not _fits(world, rule, edge):
                continue
            if along - float(roadside.head_m[edge]) > rule.approach_m + 6.0:
                yield Spot((edge,), along - rule.approach_m, along, -1, {}, crossing)
