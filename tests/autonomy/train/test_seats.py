"""Cars of several worlds are one batch, each under a name of its own."""

import numpy as np

from autonomy.policy.teacher import Teacher
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.train.drives import Traffic
from autonomy.train.routes import RouteCourse, draw_routes
from autonomy.train.seats import Seat, drive, look
from autonomy.world import RoadPosition, Weather

TOWN = RoadMap.from_arrays(grid_town())


def two_worlds() -> list[Seat]:
    seats = []
    for number in range(2):
        world = World(TOWN, seed=number)
        world.add_car("ego", "p7", RoadPosition(3 + number, 40.0))
        seats.append(Seat(f"ego-{number}", world, "ego"))
    return seats


def test_observations_come_in_the_order_of_the_seats_under_their_names() -> None:
    seats = two_worlds()
    names = [seen.car_id for seen in look(list(reversed(seats)), frames=False)]
    assert names == ["ego-1", "ego-0"]


def test_every_world_moves_on_by_one_tick_and_is_driven_by_its_own_action() -> None:
    seats = two_worlds()
    actions = Teacher().act(look(seats, frames=False))
    drive(seats, actions, {}, 0.1)
    for seat, action in zip(seats, actions, strict=True):
        assert seat.world.time_s == 0.1
        index = seat.world.cars["ego"].index
        assert np.array_equal(seat.world.fleet.motion.trajectory[index], action.trajectory)


def test_routes_fit_their_bounds_and_follow_their_seed() -> None:
    routes = draw_routes(TOWN, 4, seed=2)
    assert routes == draw_routes(TOWN, 4, seed=2) != draw_routes(TOWN, 4, seed=3)
    assert all(250 <= route.length_m <= 1000 for route in routes)
    assert len({route.edges[0] for route in routes}) == 4


def test_the_teacher_drives_routes_to_their_ends() -> None:
    course = RouteCourse(TOWN, draw_routes(TOWN, 3, seed=2), seed=1, weather=Weather(), traffic=Traffic(0, 0, 0, 0))
    teacher = Teacher()
    for _ in range(4000):
        course.tick()
        if course.done:
            break
        seats = course.seats
        drive(seats, teacher.act(look(seats, frames=False)), {}, 0.1)
    assert sorted(course.arrived) == ["route-000", "route-001", "route-002"]
    assert not course.late
