"""Actors: who stands and walks beside the cars, and what the cars' observations say of them."""

import numpy as np
import pytest

from autonomy.sim.actors import Actors
from autonomy.sim.actors.standing import Opens, road_works
from autonomy.sim.actors.walking import Cross, Line, Walk
from autonomy.sim.collisions import collisions
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import BodyKind, HazardKind, Lights
from autonomy.world.place import RoadPosition

EDGE = 1  # of the grid town: due north, 120 m, one lane a direction


@pytest.fixture
def world(town: RoadMap) -> World:
    world = World(town, seed=1)
    world.add_car("a", "p7", RoadPosition(EDGE, 30.0), at_kerb=False)
    world.set_mission_path("a", [EDGE], 30.0, 110.0)
    return world


def beside(world: World, along_m: float, right_m: float) -> tuple[float, float, float]:
    """Beside the middle of the lane."""
    return world.roadside.place(EDGE, along_m, float(world.road_map.lane_offset_m[EDGE]) + right_m)


def test_handles_stay_valid_while_others_leave() -> None:
    actors = Actors()
    first, second = (actors.add(name, BodyKind.CONE, x, 0.0, 0.0) for name, x in (("a", 1.0), ("b", 2.0)))
    actors.remove(first.ident)
    second.move(5.0, 6.0, 0.5, 1.0)
    assert (len(actors), second.pose, second.speed_mps) == (1, (5.0, 6.0, 0.5), 1.0)
    assert ("a" in actors, "b" in actors, actors["b"] is second) == (False, True, True)


def test_a_name_is_taken_once_and_a_pose_is_finite() -> None:
    actors = Actors()
    actors.add("a", BodyKind.CONE, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="ident: a is in the world already"):
        actors.add("a", BodyKind.CONE, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="x, y, heading"):
        actors.add("b", BodyKind.CONE, float("nan"), 0.0, 0.0)
    with pytest.raises(KeyError):
        actors.remove("c")


def test_a_line_needs_a_length() -> None:
    with pytest.raises(ValueError, match="points"):
        Line([(0.0, 0.0)])
    with pytest.raises(ValueError, match="no length"):
        Line([(1.0, 1.0), (1.0, 1.0)])
    line = Line([(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)])
    assert (line.length_m, line.at(5.0), line.turned.at(0.0)[:2]) == (7.0, (3.0, 2.0, np.pi / 2), (3.0, 4.0))


def test_a_parked_van_is_a_hazard_beside_the_way(world: World) -> None:
    x, y, heading = beside(world, 50.0, 2.8)
    world.actors.add("van", BodyKind.VAN, x, y, heading)
    (hazard,) = world.observe(["a"])[0].hazards
    assert (hazard.kind, hazard.ident, hazard.length_m, hazard.width_m) == (HazardKind.PARKED, "van", 5.6, 2.0)
    front = 30.0 + world.cars["a"].platform.front_m
    assert hazard.ahead_m == pytest.approx(50.0 - 2.8 - front, abs=0.05)
    assert hazard.left_m == pytest.approx(-2.8, abs=0.01)
    assert hazard.clear_m == pytest.approx(2.8 - 1.0 - 1.97 / 2, abs=0.01)
    assert world.observe(["a"])[0].leader is None


def test_what_stands_in_the_lane_is_the_leader_and_names_its_hazard(world: World) -> None:
    x, y, heading = beside(world, 60.0, 0.0)
    world.actors.add("truck", BodyKind.TRUCK, x, y, heading, hazard=HazardKind.BLOCKING)
    seen = world.observe(["a"])[0]
    assert seen.leader is not None
    assert (seen.leader.ident, seen.leader.speed_mps) == ("truck", 0.0)
    assert seen.leader.gap_m == pytest.approx(seen.hazards[0].ahead_m, abs=2.0)


def test_somebody_who_crosses_is_seen_unless_a_van_hides_them(world: World) -> None:
    start, end = beside(world, 62.0, 3.2)[:2], beside(world, 62.0, -8.0)[:2]
    walker = world.actors.add("w", BodyKind.PEDESTRIAN, *start, 0.0, script=Cross(Line([start, end]), 1.4))
    world.step(0.1)
    world.step(0.1)
    (seen,) = world.observe(["a"])[0].hazards
    assert (seen.kind, seen.state, round(seen.across_mps, 3)) == (HazardKind.PEDESTRIAN, "crossing", 1.4)
    x, y, heading = beside(world, 57.0, 2.8)
    world.actors.add("van", BodyKind.VAN, x, y, heading)
    world.step(0.1)
    assert [hazard.ident for hazard in world.observe(["a"])[0].hazards] == ["van"]
    for _ in range(90):
        world.step(0.1)
    assert walker.state == "walking"
    assert np.hypot(walker.pose[0] - end[0], walker.pose[1] - end[1]) < 0.01


def test_who_walks_there_and_back_turns_at_the_ends_and_before_a_car(world: World) -> None:
    line = Line([(1000.0, 0.0), (1003.0, 0.0)])
    walker = world.actors.add("w", BodyKind.PEDESTRIAN, 0.0, 0.0, 0.0, script=Walk(line, 1.0))
    places = []
    for _ in range(60):
        world.step(0.1)
        places.append(walker.pose[0])
    assert max(places) == pytest.approx(1003.0)
    assert places[-1] == pytest.approx(1000.0, abs=0.2)


def test_the_cones_of_a_site_are_one_hazard(world: World) -> None:
    road_works(
        world, "site", lambda ahead, right: beside(world, 60.0 + ahead, right), start_m=0.0, length_m=24.0, edge_m=0.8
    )
    sites = [hazard for hazard in world.observe(["a"])[0].hazards if hazard.ident == "site"]
    assert [(site.kind, site.clear_m) for site in sites] == [(HazardKind.WORKS, 0.0)]
    assert sites[0].length_m == pytest.approx(24.4, abs=0.1)


def test_a_door_opens_into_the_lane_and_closes_again(world: World) -> None:
    pose = beside(world, 60.0, 2.7)
    script = Opens(pose, 4.5, 1.85, 1.0, lambda world: world.time_s > 0.35, 1.0)
    door = world.actors.add("door", BodyKind.CAR_DOOR, *pose, script=script, solid=False)
    lane = beside(world, 60.0, 0.0)
    gaps = []
    for _ in range(30):
        world.step(0.1)
        if "door" in world.actors:
            gaps.append(float(np.hypot(door.pose[0] - lane[0], 0.0)))
    assert min(gaps) < 1.4 < gaps[0]
    assert "door" not in world.actors


def test_cars_collide_with_what_is_solid_only(world: World) -> None:
    x, y, heading = beside(world, 32.0, 0.0)
    world.actors.add("box", BodyKind.DEBRIS, x, y, heading)
    world.actors.add("air", BodyKind.DEBRIS, x, y, heading, solid=False)
    assert collisions(world) == {("a", "box")}


def test_the_scene_shows_cars_first_then_actors_with_their_lights(world: World) -> None:
    x, y, heading = beside(world, 60.0, 2.8)
    world.actors.add("bus", BodyKind.SCHOOL_BUS, x, y, heading, lights=Lights.STOP_ARM)
    bodies = world.scene().bodies
    assert (bodies.kind.tolist(), bodies.owner) == ([int(BodyKind.CAR), int(BodyKind.SCHOOL_BUS)], ("a", ""))
    assert bodies.lights[1] == int(Lights.STOP_ARM)
    middle = 30.0 + world.cars["a"].platform.front_m - 5.017 / 2
    assert bodies.pose[0, :2] == pytest.approx(beside(world, middle, 0.0)[:2], abs=0.05)
    assert bodies.size[0].tolist() == pytest.approx([5.017, 1.97, 1.45])
