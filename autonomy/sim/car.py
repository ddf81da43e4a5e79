"""What the world keeps of one car beside the arrays of motion."""

from dataclasses import dataclass, field

from autonomy.sim.path import Path
from autonomy.sim.platforms import Platform
from autonomy.sim.right_of_way import Claim
from autonomy.world.observation import Directive
from autonomy.world.orders import Order
from autonomy.world.scene import BodyKind

STANDING_MPS = 0.1
KERB_LATERAL_M = 1.3


@dataclass(eq=False)
class Announced:
    """The mission's way that the navigation still shows, while the car's path is an ordered one; `s`: where the car is
    along it; `leaves_m`: along the ordered path, where the junction lies behind."""

    path: Path
    s: float
    leaves_m: float


@dataclass(eq=False)
class Car:
    """`errand`: it has a path to drive; `place_m`: the chosen stopping place of the errand along the path, once chosen;
    `pull_over_m`: the chosen place of a pull-over; `wait_kerb_s`: since when it waits to leave the kerb;
    `ambient`: of the traffic that the world itself drives; `body`, `colour`, `beacon`, `hazard_lights`, `stop_arm`:
    how it looks; `instruction`, `order`: what a person has told its driver, at `instructed_s`;
    `announced`: the way that its navigation shows, where an order has changed its path; `order_place`: an order to pull
    over, the path and place (m along it) where it is carried out, and when that was looked for."""

    car_id: str
    index: int
    platform: Platform
    path: Path
    errand: bool = False
    directive: Directive = Directive.DRIVE
    place_m: float | None = None
    pull_over_m: float | None = None
    wait_kerb_s: float | None = None
    charging_kw: float = 0.0
    claims: dict[int, Claim] = field(default_factory=dict)
    next_look_s: float = 0.0
    body: BodyKind = BodyKind.CAR
    colour: tuple[int, int, int] | None = None
    ambient: bool = False
    beacon: bool = False
    hazard_lights: bool = False
    stop_arm: bool = False
    instruction: str = ""
    order: Order | None = None
    instructed_s: float = 0.0
    announced: Announced | None = None
    order_place: tuple[Order, Path, float | None, float] | None = None

    @property
    def pulls_over(self) -> bool:
        """By order, or because its errand was taken away while it drove."""
        return self.directive is Directive.PULL_OVER or not self.errand

    @property
    def stop_m(self) -> float:
        """Where on the path the rear axle shall stand, as far as it is known."""
        end = self.path.end_m if self.place_m is None else self.place_m
        return end if self.pull_over_m is None else min(end, self.pull_over_m)
