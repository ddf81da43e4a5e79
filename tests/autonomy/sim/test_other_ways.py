"""Orders that change the way: other exits, diverted missions, kerb places, and questions about what would be."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.policy.teacher import Teacher
from autonomy.sim.grid import grid_town
from autonomy.sim.other_ways import WAYS, counterfactual, exits, next_passage
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import BodyKind, HazardKind, NavigationCommand, Order, OrderKind
from autonomy.world.place import RoadPosition


@pytest.fixture
def world() -> World:
    """A car that drives towards a crossing with three exits, 40 m before it, straight on by its mission."""
    world = World(RoadMap.from_arrays(grid_town()), seed=0)
    road_map = world.road_map
    for edge in range(road_map.edge_count):
        length = float(road_map.edge_length_m[edge])
        onward = road_map.successors[edge]
        if length < 70.0 or len(onward) < 3 or min(float(road_map.edge_length_m[out]) for out in onward) < 60.0:
            continue
        ahead = road_map.geometry(edge)[-1] - road_map.geometry(edge)[-2]
        out = max(onward, key=lambda o: float(ahead @ _begin(road_map, o)))
        world.add_car("a", "p7", RoadPosition(edge, length - 55.0), at_kerb=False)
        world.set_mission_path("a", [edge, out], length - 55.0, 50.0, at_kerb=False)
        return world
    raise AssertionError("no such crossing")


def _begin(road_map: RoadMap, edge: int) -> np.ndarray:
    line = road_map.geometry(edge)
    step: np.ndarray = (line[1] - line[0]) / np.hypot(*(line[1] - line[0]))
    return step


def drive(world: World, seconds: float) -> None:
    policy = Teacher()
    for _ in range(int(seconds * 10)):
        world.act(policy.act(world.observe(["a"])), {})
        world.step(0.1)


def turned(world: World) -> float:
    """How far the car has turned from where the mission began, to the left."""
    before = world.road_map.geometry(world.cars["a"].path.edges[0])
    start = np.arctan2(*(before[1] - before[0])[::-1])
    return float(np.angle(np.exp(1j * (world.fleet.motion.heading[0] - start))))


def test_a_crossing_has_an_exit_for_each_command(world: World) -> None:
    car = world.cars["a"]
    passage = next_passage(world, car, car.path, float(world.fleet.s[0]))
    assert passage is not None
    found = exits(world, passage)
    assert set(found) == {NavigationCommand.LEFT, NavigationCommand.RIGHT, NavigationCommand.STRAIGHT}
    assert {trail[0] for trail in found.values()} == {passage.approach}


def test_the_road_beside_the_lane_is_told(world: World) -> None:
    (seen,) = world.observe(["a"])
    assert seen.side == 1.0
    assert seen.room_left_m == (4.875, 11.375)  # two lanes in each direction


@pytest.mark.parametrize("kind", sorted(WAYS))
def test_a_question_about_another_way_shows_it_and_leaves_the_pictures_alone(world: World, kind: OrderKind) -> None:
    (seen,) = world.observe(["a"])
    asked = counterfactual(world, seen, kind, "please")
    assert asked is not None
    assert (asked.instruction, asked.order) == ("please", Order(kind, world.time_s))
    assert asked.path is seen.path
    assert asked.route is seen.route
    way = asked.other_ways[WAYS[kind]]
    assert np.hypot(*(way[0, :2] - seen.path[0, :2])) < 0.3
    apart = float(np.hypot(*(way[:50, :2] - seen.path[:50, :2]).T).max())
    assert (apart > 15.0) is (kind is not OrderKind.GO_STRAIGHT)


def test_questions_that_make_no_sense_here_are_not_asked(world: World) -> None:
    (seen,) = world.observe(["a"])
    assert counterfactual(world, seen, OrderKind.PASS_LEFT, "pass it") is None
    world.actors.add("truck", BodyKind.TRUCK, *world.cars["a"].path.pose(50.0), hazard=HazardKind.BLOCKING)
    world.step(0.1)
    (seen,) = world.observe(["a"])
    assert counterfactual(world, seen, OrderKind.PASS_LEFT, "pass it") is not None


def test_a_question_about_the_kerb_names_a_place_ahead_and_one_past_the_crossing(world: World) -> None:
    (seen,) = world.observe(["a"])
    past = counterfactual(world, seen, OrderKind.PULL_OVER_PAST_CROSSING, "past the crossing")
    assert past is not None
    assert past.kerb_m is not None
    passage = world.cars["a"].path.passages[0]
    assert past.kerb_m > passage.leave - float(world.fleet.s[0]) + 8.0


def test_a_car_told_to_turn_left_does_so_and_its_navigation_follows_when_it_has_turned(world: World) -> None:
    before = world.observe(["a"])[0]
    world.instruct("a", "turn left", Order(OrderKind.TAKE_LEFT, world.time_s))
    after = world.observe(["a"])[0]
    assert np.allclose(after.route, before.route, atol=0.2)
    assert np.hypot(*(after.path[40, :2] - before.path[40, :2])) > 10.0
    assert world.cars["a"].announced is not None
    for _ in range(60):
        drive(world, 1.0)
        if world.cars["a"].announced is None:
            break
    drive(world, 2.0)
    assert turned(world) == pytest.approx(np.pi / 2, abs=0.5)
    shown = world.observe(["a"])[0]
    assert np.hypot(*(shown.route[10] - shown.target_points[0])) == 0.0
    ahead = shown.path[10, :2] - (shown.ego.x_m, shown.ego.y_m)
    assert np.hypot(*shown.route[10]) == pytest.approx(np.hypot(*ahead), abs=1.5)


def test_an_order_taken_back_in_time_gives_the_mission_its_way_again(world: World) -> None:
    world.instruct("a", "turn left", Order(OrderKind.TAKE_LEFT, world.time_s))
    assert world.cars["a"].announced is not None
    world.instruct("a", "", None)
    assert world.cars["a"].announced is None
    drive(world, 60.0)
    assert abs(turned(world)) < 0.3


def test_a_driver_that_ignores_the_order_gets_its_mission_back(world: World) -> None:
    car = world.cars["a"]
    mission = car.path
    world.instruct("a", "turn left", Order(OrderKind.TAKE_LEFT, world.time_s))
    policy = Teacher()
    for _ in range(600):
        (seen,) = world.observe(["a"])
        if car.announced is not None:  # drives by the navigation
            at = np.minimum(car.announced.s + 2.0 * np.arange(len(seen.path)), len(mission.points) - 1).astype(int)
            seen = replace(seen, path=mission.points[at])
        world.act(policy.act([seen]), {})
        world.step(0.1)
    assert car.announced is None
    assert car.path is mission
    assert abs(turned(world)) < 0.3


@pytest.mark.parametrize("kind", [OrderKind.PULL_OVER, OrderKind.PULL_OVER_PAST_CROSSING])
def test_told_to_pull_over_the_car_ends_at_the_kerb_clear_of_the_crossing(world: World, kind: OrderKind) -> None:
    passage = world.cars["a"].path.passages[0]
    world.instruct("a", "pull over", Order(kind, world.time_s))
    drive(world, 70.0)
    s = float(world.fleet.s[0])
    assert world.fleet.motion.speed[0] < 0.1
    assert float(world.fleet.lateral[0]) < -2.2
    assert s > passage.leave + 5.0 or (kind is OrderKind.PULL_OVER and s + 4.0 < passage.enter)
