"""Junctions whose signals have failed, and junctions with an officer."""

import numpy as np
import pytest

from autonomy.sim.actors.officer import CHANGE_S, post_officer
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import HazardKind, Lights, Signal
from autonomy.world.place import RoadPosition


@pytest.fixture
def world(town: RoadMap) -> World:
    return World(town, seed=1)


def signalled(world: World) -> tuple[int, int]:
    """A junction with signals and one of its approaches."""
    junction = int(np.flatnonzero(world.junctions.signal)[0])
    return junction, world.junctions.approaches[junction][0]


def approach(world: World, edge: int) -> None:
    """A car 25 m before the line."""
    world.add_car("a", "p7", RoadPosition(edge, float(world.roadside.line_m[edge]) - 25.0), at_kerb=False)
    here = world.state("a")
    out = world.road_map.successors[edge][0]
    world.set_mission_path("a", [edge, out], here.offset_m, 40.0)
    world.fleet.motion.speed[0] = 8.0


def test_a_failed_signal_shows_nothing_and_others_still_do(world: World) -> None:
    junction, _ = signalled(world)
    before = world.scene().signals.state.copy()
    world.dark_signal(junction)
    after = world.scene().signals.state
    mine = world.roadside.signal_places.junction == junction
    assert (before[mine] != int(Signal.NONE)).all()
    assert (after[mine] == int(Signal.NONE)).all()
    assert (after[~mine] == before[~mine]).all()
    with pytest.raises(ValueError, match=f"junction: {junction} has no signals"):
        world.dark_signal(junction)


@pytest.mark.parametrize("first", [True, False])
def test_the_officer_and_not_the_lamps_decides(world: World, first: bool) -> None:
    junction, edge = signalled(world)
    officer = post_officer(world, junction, edge, go_s=10.0, first=first)
    approach(world, edge)
    seen = world.observe(["a"])[0]
    assert seen.junction is not None
    assert (seen.junction.signal, seen.junction.may_enter) == (Signal.NONE, first)
    (hazard,) = [hazard for hazard in seen.hazards if hazard.kind is HazardKind.OFFICER]
    assert (hazard.state, officer.state) == ("go" if first else "stop", "go" if first else "stop")
    gesture = world.scene().bodies.lights[-1]
    assert gesture == int(Lights.GESTURE_GO if first else Lights.GESTURE_STOP)


def test_the_officers_turns_leave_a_pause_between(world: World) -> None:
    junction, edge = signalled(world)
    officer = post_officer(world, junction, edge, go_s=10.0, first=True)
    orders = officer.orders
    assert orders is not None
    other = next(o for o in world.junctions.approaches[junction] if orders.colour(o, 0.0) is not Signal.GREEN)
    shown = [(orders.colour(edge, t), orders.colour(other, t)) for t in (0.0, 9.9, 10.1, 10.0 + CHANGE_S + 0.1)]
    red, green = Signal.RED, Signal.GREEN
    assert shown == [(green, red), (green, red), (red, red), (red, green)]
    with pytest.raises(ValueError, match="does not lead into"):
        post_officer(world, junction, int(world.road_map.edge_reverse[edge]), go_s=10.0, first=True)
