"""Scenarios as data, staged on a map, and told apart by whether the driver sees."""

from dataclasses import replace

import pytest

from autonomy.policy.rules import RulesPolicy
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import NoPlace, Outcome, Stage, all_scenarios, load, parse, stage
from autonomy.world import BodyKind, Observation, Weather

PLAIN = {"name": "x", "title": "X", "group": "g", "place": {"kind": "straight"}, "success": ["arrive"], "limit_s": 30}


def blind(seen: Observation) -> Observation:
    """What a driver would know who sees nothing but the way."""
    return replace(
        seen, hazards=(), leader=None, junction=None, order=None, instruction="", lens={}, weather=Weather(),
        may_leave_kerb=True,
    )  # fmt: skip


def play(staged: Stage, *, sees: bool = True) -> Outcome:
    policy = RulesPolicy()
    while not staged.done():
        seen = staged.world.observe([staged.car_id])
        actions = policy.act(seen if sees else [blind(one) for one in seen])
        staged.note(actions[0])
        staged.world.act(actions, {})
        staged.world.step(0.1)
    return staged.outcome


def test_there_are_many_types_each_named_as_its_file() -> None:
    names = [scenario.name for scenario in all_scenarios()]
    assert len(names) == len(set(names)) >= 60
    assert all(load(name).name == name for name in names)
    groups = {scenario.group for scenario in all_scenarios()}
    assert {
        "traffic",
        "signals",
        "junctions",
        "people",
        "objects",
        "emergency",
        "weather",
        "limits",
        "orders",
    } == groups


@pytest.mark.parametrize("scenario", [scenario.name for scenario in all_scenarios()])
def test_every_type_can_be_staged_and_begins_without_a_failure(town: RoadMap, scenario: str) -> None:
    staged = stage(scenario, town, seed=3)
    for _ in range(3):
        staged.world.observe([staged.car_id])
        staged.world.step(0.1)
    assert [failure for failure in staged.outcome.failures if not failure.startswith("no ")] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"limit_s": 1}, "limit_s: 1 is not within 5 and 300"),
        ({"succes": []}, "succes: no such field"),
        ({"success": ["fly"]}, "success: 'fly' is unknown"),
        ({"place": {"kind": "moon"}}, r"place\.kind: 'moon' is unknown"),
        ({"place": {"kind": "straight", "length_m": 5}}, r"place\.length_m: 5"),
        ({"place": {"kind": "straight", "size": 5}}, r"place\.size: no such field"),
        ({"weather": "frogs"}, "weather: 'frogs' is unknown"),
        ({"cast": [{"type": "dragon"}]}, r"cast\.0\.type"),
        ({"traffic": {"vehicles": -2}}, r"traffic\.vehicles: -2"),
        ({"instruction": {"order": "fly"}}, r"instruction\.order: 'fly' is unknown"),
        ({"lens": [{"camera": "nose", "fault": "dirt"}]}, r"lens\.camera: 'nose'"),
        ({"causes": ["boredom"]}, "causes: 'boredom' is unknown"),
        ({"title": ""}, "title: '' is not a text"),
    ],
)
def test_a_bad_file_is_refused_by_the_field_that_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse({**PLAIN, **change})


def test_missing_fields_and_files_are_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="title, limit_s: missing"):
        parse({name: value for name, value in PLAIN.items() if name not in ("title", "limit_s")})
    with pytest.raises(ValueError, match="can't be read"):
        load("no_such_scenario")
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: [")
    with pytest.raises(ValueError, match="is not YAML"):
        load(bad)


def test_a_map_without_such_a_place_is_said_to_have_none(town: RoadMap) -> None:
    wide = parse({**PLAIN, "place": {"kind": "straight", "length_m": 390}})
    with pytest.raises(NoPlace, match="no place of kind straight"):
        stage(wide, town, seed=1)


def test_the_seed_decides_where_and_how_it_plays(town: RoadMap) -> None:
    def digest(seed: int) -> str:
        staged = stage("jaywalker", town, seed=seed)
        for _ in range(20):
            staged.world.step(0.1)
        return staged.world.digest()

    assert digest(4) == digest(4)
    assert digest(4) != digest(5)


@pytest.mark.parametrize(
    "name",
    ["jaywalker", "zebra", "red_light", "officer_on_the_road", "school_bus_oncoming", "merge_right", "blocked_lane"],
)
def test_who_sees_passes_and_who_does_not_fails(town: RoadMap, name: str) -> None:
    assert play(stage(name, town, seed=2)).failures == ()
    assert not play(stage(name, town, seed=2), sees=False).success


def test_beyond_its_limits_the_car_stops_or_asks_and_a_blind_one_does_not(town: RoadMap) -> None:
    assert "stop_or_help" in play(stage("thick_fog", town, seed=1)).met
    assert not play(stage("thick_fog", town, seed=1), sees=False).success


def test_a_blameless_car_is_not_blamed(town: RoadMap) -> None:
    staged = stage("bystander", town, seed=1)
    ego = staged.world.cars[staged.car_id]
    staged.world.fleet.motion.speed[ego.index] = 0.0
    for _ in range(20):
        staged.world.step(0.1)
    x, y, heading = staged.set.place(-1.0)
    staged.world.actors.add("hits", BodyKind.DEBRIS, x, y, heading)
    for _ in range(4):
        staged.world.step(0.1)
    assert staged.outcome.hit == ("hits",)
    assert not any(failure.startswith("collision") for failure in staged.outcome.failures)
