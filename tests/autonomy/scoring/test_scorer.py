"""Drives watched in a small world: a good driver, one that runs red lights, one that hits what stands."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from autonomy.policy.rules import RulesPolicy
from autonomy.policy.teacher import Teacher
from autonomy.scoring import DriveScore, Scorer
from autonomy.scoring.blame import Contact
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import Action, BodyKind, HazardKind, Observation
from autonomy.world.place import RoadPosition


class Blind(RulesPolicy):
    """Sees neither lights nor things."""

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        return super().act([replace(seen, junction=None, leader=None, hazards=()) for seen in observations])


def straight_mission(world: World) -> list[int]:
    """A street, the street that goes straight on behind a signal, and one more."""
    road_map = world.road_map
    for edge in range(road_map.edge_count):
        junction = int(world.junctions.of_node[road_map.edge_to[edge]])
        if junction in world.rules.plans and road_map.edge_length_m[edge] > 60.0:
            ahead = road_map.geometry(edge)[-1] - road_map.geometry(edge)[-2]
            for out in road_map.successors[edge]:
                there = road_map.geometry(out)[1] - road_map.geometry(out)[0]
                if ahead @ there > 0.95 * np.hypot(*ahead) * np.hypot(*there) and road_map.edge_length_m[out] > 60.0:
                    return [edge, out]
    raise AssertionError("no such street")


def staged(seed: int = 0, start_s: float = 0.0) -> tuple[World, list[int]]:
    world = World(RoadMap.from_arrays(grid_town()), seed=seed, start_s=start_s)
    edges = straight_mission(world)
    world.add_car("a", "p7", RoadPosition(edges[0], 5.0), at_kerb=False)
    world.set_mission_path("a", edges, 5.0, 45.0, at_kerb=False)
    return world, edges


def drive(world: World, policy: RulesPolicy, seconds: float, expert: RulesPolicy | None = None) -> DriveScore:
    scorer = Scorer(world, expert)
    scorer.begin("a")
    for _ in range(int(seconds * 10)):
        seen = world.observe(["a"])
        actions = policy.act(seen)
        scorer.tick(seen, actions)
        world.act(actions, {})
        world.step(0.1)
        if world.state("a").at_path_end:
            break
    return scorer.end("a")


def test_the_teacher_arrives_without_events_and_scores_near_one() -> None:
    world, _ = staged()
    score = drive(world, Teacher(), 120.0, Teacher())
    assert score.completed
    assert score.completion == 1.0
    assert score.stopped_right is True
    assert (score.at_fault, score.red_lights, score.off_road, score.wrong_way, score.without_leave) == (0, 0, 0, 0, 0)
    assert score.km == pytest.approx(world.state("a").odometer_m / 1000)
    assert score.pdms is not None
    assert score.pdms > 0.95
    assert (score.causes_right, score.causes_asked > 0) == (score.causes_asked, True)


def test_who_drives_through_at_red_is_counted_once() -> None:
    counts = [drive(staged(start_s=start)[0], Blind(), 40.0).red_lights for start in range(0, 60, 12)]
    assert set(counts) == {0, 1}


def test_who_hits_what_stands_is_at_fault() -> None:
    world, edges = staged()
    x, y, heading = world.cars["a"].path.pose(40.0)
    world.actors.add("box", BodyKind.DEBRIS, x, y, heading, hazard=HazardKind.UNKNOWN, edge=edges[0])
    score = drive(world, Blind(), 15.0)
    (collision,) = score.collisions
    assert (collision.other, collision.contact, collision.at_fault) == ("box", Contact.STANDING_THING, True)
    assert not score.completed
    assert drive_seen_box(edges) == 0


def drive_seen_box(edges: list[int]) -> int:
    world, _ = staged()
    x, y, heading = world.cars["a"].path.pose(40.0)
    world.actors.add("box", BodyKind.DEBRIS, x, y, heading, hazard=HazardKind.UNKNOWN, edge=edges[0])
    score = drive(world, Teacher(), 15.0)
    assert score.helps == 1
    return len(score.collisions)


def test_cars_without_a_drive_are_passed_over_and_unknown_cars_refused() -> None:
    world, _ = staged()
    scorer = Scorer(world)
    seen = world.observe(["a"])
    scorer.tick(seen, Teacher().act(seen))
    with pytest.raises(KeyError):
        scorer.begin("nobody")
    with pytest.raises(KeyError):
        scorer.end("a")
