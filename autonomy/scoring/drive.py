"""One drive of one car, in figures."""

from dataclasses import dataclass, field

from autonomy.scoring.blame import Collision


@dataclass(slots=True)
class DriveScore:
    """From the mission's begin to its end. completion: share of the way driven; stop_error_m: from the ordered place
    when the drive ended at its goal; events are counted once each; causes_right of causes_asked: explanations against
    the expert's; windows: PDMS of each 4 s; comfort: share of comfortable windows.
    """

    car_id: str
    platform: str
    start_s: float
    completed: bool = False
    completion: float = 0.0
    km: float = 0.0
    seconds: float = 0.0
    collisions: list[Collision] = field(default_factory=list)
    red_lights: int = 0
    without_leave: int = 0
    off_road: int = 0
    off_road_m: float = 0.0
    wrong_way: int = 0
    stop_error_m: float | None = None
    stopped_right: bool | None = None
    comfort: float = 1.0
    windows: list[float] = field(default_factory=list)
    causes_right: int = 0
    causes_asked: int = 0
    helps: int = 0
    hard_brakes: int = 0

    @property
    def at_fault(self) -> int:
        return sum(1 for collision in self.collisions if collision.at_fault)

    @property
    def pdms(self) -> float | None:
        """Mean over the windows, None before the first is full."""
        return sum(self.windows) / len(self.windows) if self.windows else None
