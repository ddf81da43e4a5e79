"""One car: errands, kerbs, orders, energy, restart, refusals."""

from itertools import pairwise

import numpy as np
import pytest

from autonomy.safety.modes import Mode
from autonomy.sim.grid import grid_town
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import Action, Directive, Limits, RoadPosition

# in the grid town edge 0 leads from node 0 to node 1, then on along the lowest street: edges are found, not guessed


def edge_between(road_map: RoadMap, a: int, b: int) -> int:
    return int(np.flatnonzero((road_map.edge_from == a) & (road_map.edge_to == b))[0])


@pytest.fixture
def world(town: RoadMap) -> World:
    return World(town, seed=1)


@pytest.fixture
def straight(town: RoadMap) -> list[int]:
    return [edge_between(town, a, a + 1) for a in range(3)]


def test_a_car_drives_to_the_ordered_place_and_stands_there_at_the_kerb(world, straight, drive) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 60.0))
    world.set_mission_path("a", straight, 60.0, 70.0)
    assert not world.state("a").at_path_end
    drive(world, 90)
    state = world.state("a")
    assert (state.at_path_end, state.at_kerb, state.speed_mps) == (True, True, 0.0)
    assert state.edge == straight[2]
    assert state.offset_m == pytest.approx(70.0, abs=1.5)
    assert state.odometer_m == pytest.approx(250.0, abs=8.0)


def test_positions_come_out_where_the_map_has_them(world, straight) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "g7", RoadPosition(straight[0], 60.0))
    state = world.state("a")
    x, y = world.road_map.projection(state.lon, state.lat)
    start = world.road_map.geometry(straight[0])[0]
    assert x == pytest.approx(start[0] + 60.0, abs=0.6)
    assert y == pytest.approx(start[1] - 3.25 / 2 - 2.7, abs=0.1)
    assert state.heading_deg == pytest.approx(90.0, abs=0.5)
    again = world.nearest_position(state.lon, state.lat)
    assert again.offset_m == pytest.approx(60.0, abs=3.0) or again.edge != straight[0]


def test_a_taken_place_is_given_to_nobody_else(world, straight) -> None:  # type: ignore[no-untyped-def]
    places = [world.add_car(f"c{k}", "x9_ultra", RoadPosition(straight[0], 60.0)) for k in range(8)]
    assert len({(place.edge, round(place.offset_m)) for place in places}) == 8
    motion = world.fleet.motion
    apart = np.hypot(motion.x[:, None] - motion.x, motion.y[:, None] - motion.y) + 1e9 * np.eye(8)
    assert apart.min() > 6.0


def test_on_hold_a_car_stops_in_its_lane_and_goes_on_when_released(world, straight, drive) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 40.0))
    world.set_mission_path("a", straight, 40.0, 90.0)
    drive(world, 12)
    assert world.state("a").speed_mps > 3.0
    world.set_directive("a", Directive.HOLD)
    drive(world, 15)
    held = world.state("a")
    assert (held.speed_mps, held.at_kerb, held.has_path) == (0.0, False, True)
    drive(world, 20)
    assert world.state("a").odometer_m == held.odometer_m
    world.set_directive("a", Directive.DRIVE)
    drive(world, 90)
    assert world.state("a").at_path_end


def test_told_to_pull_over_a_car_stops_at_the_kerb_and_keeps_its_errand(world, straight, drive) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "id_buzz", RoadPosition(straight[0], 40.0))
    world.set_mission_path("a", straight, 40.0, 90.0)
    drive(world, 8)
    world.set_directive("a", Directive.PULL_OVER)
    drive(world, 40)
    state = world.state("a")
    assert (state.speed_mps, state.at_kerb, state.has_path, state.at_path_end) == (0.0, True, True, False)
    world.set_directive("a", Directive.DRIVE)
    drive(world, 90)
    assert world.state("a").at_path_end


def test_without_an_errand_a_moving_car_parks_by_itself(world, straight, drive) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 40.0))
    world.set_mission_path("a", straight, 40.0, 90.0)
    drive(world, 8)
    world.clear_path("a")
    drive(world, 40)
    state = world.state("a")
    assert (state.speed_mps, state.at_kerb, state.has_path, state.path_remaining_m) == (0.0, True, False, 0.0)


def test_a_new_path_under_way_is_joined_without_a_jump(world, town, straight, drive) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 40.0))
    world.set_mission_path("a", straight, 40.0, 90.0)
    up = [straight[0], edge_between(town, 1, 6), edge_between(town, 6, 11)]
    trail = []
    drive(world, 5, lambda: trail.append((world.fleet.motion.x[0], world.fleet.motion.y[0])))
    world.set_mission_path("a", up, 40.0, 60.0)
    drive(world, 90, lambda: trail.append((world.fleet.motion.x[0], world.fleet.motion.y[0])))
    assert np.hypot(*np.diff(np.array(trail), axis=0).T).max() < 1.6
    assert (world.state("a").edge, world.state("a").at_path_end) == (up[-1], True)


def test_an_end_just_behind_is_reached_already_and_one_far_behind_takes_a_detour(world, straight) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 80.0))
    world.set_mission_path("a", straight[:1], 70.0, 70.0)
    assert world.state("a").at_path_end
    world.set_mission_path("a", straight[:1], 20.0, 20.0)
    state = world.state("a")
    assert not state.at_path_end
    assert state.path_remaining_m > 300


@pytest.mark.parametrize(
    ("edges", "start", "end", "field"),
    [([], 0, 0, "edges"), ([99999], 0, 0, "edges"), ([-1], 0, 0, "edges"),
     ([0, 0], 0, 0, "edges"), ([0], 0, 5000, "end_offset_m"),
     ([0], float("nan"), 5, "start_offset_m")],
)  # fmt: skip
def test_paths_that_the_map_lacks_are_refused_and_change_nothing(world, straight, edges, start, end, field) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 60.0))
    before = world.digest()
    with pytest.raises(ValueError, match=field):
        world.set_mission_path("a", edges, start, end)
    assert (world.digest(), world.state("a").has_path) == (before, False)


def test_places_platforms_and_charges_that_make_no_sense_are_refused(world, straight) -> None:  # type: ignore[no-untyped-def]
    for position in (RoadPosition(-1, 0.0), RoadPosition(10**6, 0.0), RoadPosition(straight[0], float("nan"))):
        with pytest.raises(ValueError, match=r"edge|offset_m"):
            world.add_car("a", "p7", position)
    with pytest.raises(ValueError, match="platform"):
        world.add_car("a", "tractor", RoadPosition(straight[0], 9.0))
    with pytest.raises(ValueError, match="soc_pct"):
        world.add_car("a", "p7", RoadPosition(straight[0], 9.0), soc_pct=900.0)
    assert world.cars == {}


def test_driving_uses_energy_and_charging_returns_it_only_at_rest(world, straight, drive) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 60.0), soc_pct=50.0)
    world.set_mission_path("a", straight, 60.0, 70.0)
    drive(world, 90)
    spent = world.state("a")
    kwh = 0.142 * spent.odometer_m / 1000 + 0.6 * 90 / 3600
    assert 50.0 - spent.soc_pct == pytest.approx(100 * kwh / 74.9, rel=1e-3)
    world.set_charging("a", 120.0)
    drive(world, 60)
    assert world.state("a").soc_pct - spent.soc_pct == pytest.approx(100 * (120.0 - 0.6) / 60 / 74.9, rel=1e-3)


def test_cars_of_other_models_turn_in_other_circles() -> None:
    radii = {slug: 1 / platform.kappa_max for slug, platform in PLATFORMS.items()}
    assert len({round(radius, 3) for radius in radii.values()}) == len(PLATFORMS) >= 3
    assert all(4.0 < radius < 5.2 for radius in radii.values())


def test_the_actuator_obeys_the_bounds_of_the_safety_layer_whatever_the_trajectory_says(world, straight) -> None:  # type: ignore[no-untyped-def]
    world.add_car("a", "p7", RoadPosition(straight[0], 40.0))
    rows = [(-240.0 + 2.0 * k, -241.6, 0.0, 12.0) for k in range(20)]
    for _ in range(40):
        world.act([Action.from_rows("a", world.time_s, rows, "drive")], {"a": Limits(speed_max_mps=3.0)})
        world.step(0.1)
    assert world.state("a").speed_mps <= 3.0
    before = world.digest()
    with pytest.raises(ValueError, match="trajectory"):
        world.act([Action("a", 0.0, np.full((20, 4), np.nan))], {})
    assert world.digest() == before


def test_a_policy_that_falls_silent_ends_at_a_stand(world, straight, drive) -> None:  # type: ignore[no-untyped-def]
    from autonomy.safety.layer import Safety

    world.add_car("a", "p7", RoadPosition(straight[0], 40.0))
    world.set_mission_path("a", straight, 40.0, 90.0)
    drive(world, 8)
    safety = Safety()
    speeds = []
    for _ in range(100):
        speeds.append(world.state("a").speed_mps)
        world.act(*safety.check(world.observe(["a"]), [None]))
        world.step(0.1)
    assert speeds[0] > 4.0
    assert all(b <= a + 0.05 for a, b in pairwise(speeds[5:]))
    assert world.state("a").speed_mps == 0.0
    assert safety.mode("a") is Mode.MRC_REACHED
    assert [change.mode for change in safety.changes()] == [Mode.MRM_OPERATING, Mode.MRC_REACHED]


def test_a_map_file_that_is_damaged_is_refused_by_name(tmp_path) -> None:  # type: ignore[no-untyped-def]
    broken = tmp_path / "map.npz"
    broken.write_bytes(b"PK\x03\x04 half a file")
    with pytest.raises(ValueError, match=r"map\.npz"):
        RoadMap.load(broken)
    arrays = grid_town()
    del arrays["edge_speed_mps"]
    with pytest.raises(ValueError, match="edge_speed_mps"):
        RoadMap.from_arrays(arrays)
    with pytest.raises(ValueError, match="node_x"):
        RoadMap.from_arrays({**grid_town(), "node_x": grid_town()["node_x"] + 500.0})
