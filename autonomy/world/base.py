"""The protocol of a world with cars in it. The agent drives cars through it and knows no more of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from autonomy.world.action import Action, Limits
from autonomy.world.observation import Directive, Observation
from autonomy.world.orders import Order
from autonomy.world.place import RoadPosition


@dataclass(frozen=True, slots=True)
class CarState:
    """Everything about one car that is reported or kept over a restart.

    `heading_deg`: clockwise from north, [0, 360). `edge`, `offset_m`: the foot point of the car on its path.
    `path_remaining_m`: rear axle to the stop at the path's end, 0 without a path. `at_path_end`: the car has a path
    and stands at its end. `at_kerb`: the car's body is out of the lane, in the kerb strip.
    """

    car_id: str
    lon: float
    lat: float
    heading_deg: float
    speed_mps: float
    accel_mps2: float
    odometer_m: float
    soc_pct: float
    edge: int
    offset_m: float
    path_remaining_m: float
    path_remaining_s: float
    at_path_end: bool
    at_kerb: bool
    has_path: bool
    directive: Directive


class CarWorld(Protocol):
    """Cars are moved only by `act` and `step`, except by `add_car` and `place_car`.

    Unknown car ids raise KeyError; positions and edges that the map lacks raise ValueError that names the field.
    """

    @property
    def time_s(self) -> float:
        """World time in seconds since the start."""
        ...

    @property
    def map_digest(self) -> str:
        """Digest of the map in use, as missions name it."""
        ...

    def add_car(
        self,
        car_id: str,
        platform: str,
        position: RoadPosition,
        *,
        at_kerb: bool = True,
        soc_pct: float = 80.0,
        odometer_m: float = 0.0,
    ) -> RoadPosition:
        """Put a new car at rest at the place or, if that is taken, at the nearest free one. Returns where it stands."""
        ...

    def place_car(self, car_id: str, position: RoadPosition, *, at_kerb: bool = True) -> RoadPosition:
        """Move a car by hand, at rest and without a path (restart, tow truck)."""
        ...

    def remove_car(self, car_id: str) -> None: ...

    def nearest_position(self, lon: float, lat: float) -> RoadPosition:
        """The nearest place on the road (for a car that knows only its coordinates)."""
        ...

    def set_mission_path(
        self,
        car_id: str,
        edges: Sequence[int],
        start_offset_m: float,
        end_offset_m: float,
        *,
        at_kerb: bool = True,
        speed_caps_mps: Mapping[int, float] | None = None,
    ) -> None:
        """Drive along these edges to `end_offset_m` on the last one and stop there, at the kerb unless told otherwise.

        The path is joined to where the car really is; a car that stands within 20 m of the end is there already.
        `speed_caps_mps`: by edge, where the car must be slower than the map allows. Caps of the path before go on
        holding on the edges that a moving car can't leave any more.
        Raises ValueError when edges do not hang together or the car can't get onto them, and for a cap that is not
        finite and above 0.
        """
        ...

    def clear_path(self, car_id: str) -> None:
        """No errand any more: a moving car stops at the kerb at the next possible place, a standing one stays."""
        ...

    def set_directive(self, car_id: str, directive: Directive) -> None:
        """HOLD: stop in the lane; PULL_OVER: stop at the kerb at the next possible place; DRIVE: go on."""
        ...

    def instruct(self, car_id: str, text: str, order: Order | None = None) -> None:
        """Tell the car's driver something in words; `order` is what it means. Empty words take it back."""
        ...

    def set_charging(self, car_id: str, power_kw: float) -> None:
        """Charge with this power while the car stands (0: stop charging)."""
        ...

    def observe(self, car_ids: Sequence[str]) -> list[Observation]: ...

    def act(self, actions: Sequence[Action], limits: Mapping[str, Limits]) -> None:
        """Hand the actuators new trajectories; `limits` by car id bound what they may do (none: the platform's)."""
        ...

    def step(self, dt_s: float) -> None:
        """Move the world on by `dt_s` (0 < dt_s <= 0.25)."""
        ...

    def state(self, car_id: str) -> CarState: ...
