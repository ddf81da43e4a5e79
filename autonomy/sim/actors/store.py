"""The actors of a world as arrays, each moved by its script."""

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.actors.looks import COLOUR, HAZARD, SIZE_M, Colour, Size
from autonomy.world.observation import HazardKind, Signal
from autonomy.world.scene import BodyKind, Lights

if TYPE_CHECKING:
    from autonomy.sim.world import World

F8 = NDArray[np.float64]
_ARRAYS = ("kind", "x", "y", "z", "heading", "speed", "length", "width", "height", "colour", "lights", "solid", "edge")


class OfficerOrders(Protocol):
    """What an officer asks of the approaches of `junction`."""

    @property
    def junction(self) -> int: ...

    def colour(self, approach: int, time_s: float) -> Signal: ...


class Script(Protocol):
    """Moves one actor. `False`: it is done with and leaves the world."""

    def step(self, me: "Actor", world: "World", dt_s: float) -> bool: ...


class Actor:
    """A handle on one row of `Actors`; stays valid while others come and go. `hazard`: what cars take it for, None:
    nothing; `group`: bodies of one group are one hazard; `orders`: by which an officer directs a junction."""

    __slots__ = ("group", "hazard", "ident", "index", "orders", "script", "state", "store")

    def __init__(self, store: "Actors", index: int, ident: str, *, hazard: HazardKind | None, state: str) -> None:
        self.store, self.index, self.ident = store, index, ident
        self.hazard, self.state, self.group = hazard, state, ""
        self.script: Script | None = None
        self.orders: OfficerOrders | None = None

    @property
    def pose(self) -> tuple[float, float, float]:
        """x, y (m), heading (rad) of the body's centre."""
        store, k = self.store, self.index
        return float(store.x[k]), float(store.y[k]), float(store.heading[k])

    @property
    def speed_mps(self) -> float:
        return float(self.store.speed[self.index])

    def move(self, x: float, y: float, heading: float, speed_mps: float) -> None:
        store, k = self.store, self.index
        store.x[k], store.y[k], store.heading[k], store.speed[k] = x, y, heading, speed_mps

    def show(self, lights: Lights) -> None:
        self.store.lights[self.index] = int(lights)


class Actors:
    """Rows of M actors. kind i8 (BodyKind), x, y, z, heading, speed along it, length, width, height f8; colour
    u1[M, 3]; lights i8; solid: cars must not drive through it; edge i8: the road on whose level it is, -1: on every
    level."""

    def __init__(self) -> None:
        self.kind, self.lights, self.edge = (np.zeros(0, dtype=np.int64) for _ in range(3))
        self.x, self.y, self.z, self.heading, self.speed = (np.zeros(0) for _ in range(5))
        self.length, self.width, self.height = (np.zeros(0) for _ in range(3))
        self.colour = np.zeros((0, 3), dtype=np.uint8)
        self.solid = np.zeros(0, dtype=np.bool_)
        self.rows: list[Actor] = []
        self.by_ident: dict[str, Actor] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Actor]:
        return iter(self.rows)

    def __contains__(self, ident: str) -> bool:
        return ident in self.by_ident

    def __getitem__(self, ident: str) -> Actor:
        return self.by_ident[ident]

    def add(
        self,
        ident: str,
        kind: BodyKind,
        x: float,
        y: float,
        heading: float,
        *,
        z: float = 0.0,
        size: Size | None = None,
        colour: Colour | None = None,
        lights: Lights = Lights.NONE,
        hazard: HazardKind | None = None,
        state: str = "",
        group: str = "",
        script: Script | None = None,
        solid: bool = True,
        edge: int = -1,
    ) -> Actor:
        """A new actor at rest. Without `hazard` the kind's own; raises ValueError on a known name or a bad pose."""
        if ident in self.by_ident:
            raise ValueError(f"ident: {ident} is in the world already")
        if not all(isfinite(value) for value in (x, y, heading)):
            raise ValueError(f"x, y, heading: {x}, {y}, {heading} must be finite")
        length, width, height = size or SIZE_M[kind]
        row = {
            "kind": int(kind), "x": x, "y": y, "z": z, "heading": heading, "speed": 0.0, "length": length,
            "width": width, "height": height, "lights": int(lights), "solid": solid, "edge": edge,
        }  # fmt: skip
        for name, value in row.items():
            array = getattr(self, name)
            setattr(self, name, np.append(array, np.array([value], dtype=array.dtype)))
        paint = np.array([colour or COLOUR.get(kind, (150, 150, 155))], dtype=np.uint8)
        self.colour = np.concatenate([self.colour, paint])
        actor = Actor(self, len(self.rows), ident, hazard=hazard or HAZARD.get(kind), state=state)
        actor.group, actor.script = group, script
        self.rows.append(actor)
        self.by_ident[ident] = actor
        return actor

    def remove(self, ident: str) -> None:
        """Raises KeyError for an unknown name."""
        gone = self.by_ident.pop(ident)
        for name in _ARRAYS:
            setattr(self, name, np.delete(getattr(self, name), gone.index, axis=0))
        del self.rows[gone.index]
        for actor in self.rows[gone.index :]:
            actor.index -= 1

    def step(self, world: "World", dt_s: float) -> None:
        """Run every script once; actors whose script is done leave."""
        done = [a.ident for a in list(self.rows) if a.script is not None and not a.script.step(a, world, dt_s)]
        for ident in done:
            if ident in self.by_ident:
                self.remove(ident)
