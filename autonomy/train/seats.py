"""Cars of one or many worlds as one batch for one driver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autonomy.sim.world import World
from autonomy.world import Action, Limits, Observation


@dataclass(frozen=True, slots=True)
class Seat:
    """A car to drive: `name` is its own among all worlds; the driver knows it by that."""

    name: str
    world: World
    car_id: str


def look(seats: Sequence[Seat], *, frames: bool) -> list[Observation]:
    """Observations in the order of the seats, under the seats' names; every world is asked once."""
    found: dict[str, Observation] = {}
    for world, own in _by_world(seats):
        for seat, seen in zip(own, world.observe([seat.car_id for seat in own], frames=frames), strict=True):
            found[seat.name] = seen if seat.name == seat.car_id else replace(seen, car_id=seat.name)
    return [found[seat.name] for seat in seats]


def drive(seats: Sequence[Seat], actions: Sequence[Action], limits: Mapping[str, Limits], tick_s: float) -> None:
    """Hand the actions to the worlds and move every world on by one tick. `limits`: by the seats' names."""
    by_name = {action.car_id: action for action in actions}
    for world, own in _by_world(seats):
        acts = [replace(by_name[seat.name], car_id=seat.car_id) for seat in own if seat.name in by_name]
        world.act(acts, {seat.car_id: limits[seat.name] for seat in own if seat.name in limits})
        world.step(tick_s)


def _by_world(seats: Sequence[Seat]) -> list[tuple[World, list[Seat]]]:
    groups: dict[int, tuple[World, list[Seat]]] = {}
    for seat in seats:
        groups.setdefault(id(seat.world), (seat.world, []))[1].append(seat)
    return list(groups.values())
