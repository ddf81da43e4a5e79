"""What a situation asks of the driver, gathered from all duties: where to stand, whom to follow, how fast, how far
beside the lane, and why."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autonomy.language import QUESTIONS
from autonomy.policy.expert.manner import FAR_M
from autonomy.policy.expert.sideways import Shift
from autonomy.world.observation import Cause

F8 = NDArray[np.float64]
MOST_LEADERS = 3
ASK_M = 25.0


@dataclass(frozen=True, slots=True)
class Need:
    """One demand: stand after `room_m` (rear axle), or follow with `speed_mps` what is `room_m` before the bumper."""

    cause: Cause
    room_m: float
    speed_mps: float = 0.0


@dataclass(slots=True)
class Judgement:
    """`stops`, `leaders`: demands; `cap_mps` holds from here on, for `cap_cause`; `shifts`: ways beside the lane's
    middle; `path`: the way to drive, the observation's own or that of an order; `help`, `refuses`: as in `Action`;
    `told`: the cause while nothing holds the car back; `held`: why it stands behind a thing, by the thing's name.
    """

    path: F8
    stops: list[Need] = field(default_factory=list)
    leaders: list[Need] = field(default_factory=list)
    cap_mps: float = float("inf")
    cap_cause: Cause = Cause.CRUISE
    shifts: list[Shift] = field(default_factory=list)
    help: str | None = None
    refuses: str | None = None
    told: Cause | None = None
    held: dict[str, Cause] = field(default_factory=dict)

    def stand(self, cause: Cause, room_m: float) -> None:
        """The rear axle has to come to rest within `room_m`."""
        self.stops.append(Need(cause, max(room_m, 0.0)))

    def follow(self, cause: Cause, gap_m: float, speed_mps: float) -> None:
        """Keep a distance to what is `gap_m` before the front bumper."""
        self.leaders.append(Need(cause, gap_m, max(speed_mps, 0.0)))

    def slow(self, cause: Cause, speed_mps: float) -> None:
        """No faster than `speed_mps` from now on."""
        if speed_mps < self.cap_mps:
            self.cap_mps, self.cap_cause = speed_mps, cause

    def ask(self, cause: Cause, ahead_m: float) -> None:
        """Ask a person what to do, once the car is near."""
        if ahead_m < ASK_M and self.help is None:
            self.help = QUESTIONS.get(cause)

    @property
    def stop_m(self) -> float:
        return min((need.room_m for need in self.stops), default=FAR_M)

    def pressing_leaders(self) -> list[Need]:
        """Those that ask for the hardest braking, at most `MOST_LEADERS`."""
        ranked = sorted(self.leaders, key=lambda need: need.room_m + need.speed_mps * need.speed_mps / 6.0)
        return ranked[:MOST_LEADERS]
