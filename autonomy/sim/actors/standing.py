"""Things that stand on or beside the road: works, blocking vehicles, debris, doors that open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autonomy.sim.actors.looks import Size
from autonomy.sim.actors.store import Actor
from autonomy.world.observation import HazardKind
from autonomy.world.scene import BodyKind, Lights

if TYPE_CHECKING:
    from autonomy.sim.world import World

Place = Callable[[float, float], tuple[float, float, float]]
CONE_EVERY_M = 4.0
TAPER_M = 12.0
DOOR_M = 0.95


def road_works(world: "World", name: str, place: Place, *, start_m: float, length_m: float, edge_m: float) -> None:
    """A site on the kerb side of a lane. `place(ahead, right)` gives x, y, heading beside the lane's middle; the cones
    stand from the kerb, over a taper, along a line `edge_m` right of the lane's middle (negative: past the middle)."""
    actors, group = world.actors, name
    x, y, heading = place(start_m - 18.0, 2.6)
    actors.add(f"{name}-sign", BodyKind.SIGN_WORKS, x, y, heading, group="", solid=True)
    ahead = start_m
    number = 0
    while ahead <= start_m + length_m:
        ramp = min((ahead - start_m) / TAPER_M, 1.0, (start_m + length_m - ahead) / (TAPER_M / 2) + 0.2)
        right = 2.4 + (edge_m - 2.4) * ramp
        x, y, heading = place(ahead, right)
        actors.add(f"{name}-cone-{number}", BodyKind.CONE, x, y, heading, group=group)
        number += 1
        ahead += CONE_EVERY_M * (0.5 if ramp < 1.0 else 1.0)
    width = max(2.6 - edge_m - 0.4, 0.8)
    for at in (start_m + TAPER_M + 1.0, start_m + length_m - TAPER_M / 2 - 1.0):
        x, y, heading = place(at, edge_m + 0.3 + width / 2)
        actors.add(f"{name}-barrier-{at:.0f}", BodyKind.BARRIER, x, y, heading, size=(0.3, width, 1.1), group=group)


def blocking_vehicle(
    world: "World", name: str, place: Place, *, ahead_m: float, kind: BodyKind, size: Size | None = None
) -> Actor:
    """A vehicle that stands in the lane with its hazard lights on."""
    x, y, heading = place(ahead_m, 0.25)
    return world.actors.add(
        name, kind, x, y, heading, size=size, lights=Lights.HAZARD, hazard=HazardKind.BLOCKING, solid=True
    )


@dataclass
class Opens:
    """The door of a parked car at the lane side: opens at `when`, stays so for `for_s`, closes; hidden before."""

    car: tuple[float, float, float]
    length_m: float
    width_m: float
    side: float
    when: Callable[["World"], bool]
    for_s: float
    opened_s: float | None = None

    def step(self, me: Actor, world: "World", dt_s: float) -> bool:
        if self.opened_s is None:
            if self.when(world):
                self.opened_s = world.time_s
                me.store.solid[me.index] = True
            return True
        since = world.time_s - self.opened_s
        if since > self.for_s:
            return False
        swing = min(since / 0.6, 1.0) * np.pi / 2 * 0.9
        self._swing(me, swing)
        me.state = "door"
        return True

    def _swing(self, me: Actor, angle: float) -> None:
        """The hinge is at the front of the driver's door; the door turns out by `angle`."""
        x, y, heading = self.car
        c, s = np.cos(heading), np.sin(heading)
        out = self.side * self.width_m / 2
        hx, hy = x + 0.12 * self.length_m * c - out * s, y + 0.12 * self.length_m * s + out * c
        turned = heading + np.pi - self.side * angle
        me.move(hx + DOOR_M / 2 * np.cos(turned), hy + DOOR_M / 2 * np.sin(turned), turned + np.pi / 2, 0.0)
