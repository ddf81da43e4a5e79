"""What the monitor knows, remembers and says of one car, on plain numbers; and its bounds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from autonomy.safety.link_lease import LinkLease
from autonomy.safety.liveness import Pulse
from autonomy.safety.manoeuvre import Manoeuvre, ManoeuvreBounds, PathRows, Row
from autonomy.safety.modes import Mode
from autonomy.safety.obstacles import Obstacle
from autonomy.safety.plausible import PlausibleBounds
from autonomy.safety.rss import RssBounds

STANDING_MPS = 0.05
NO_BAND = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """accel_mps2, brake_mps2: the envelope of actuation; over_limit: how far above the limit the car may be driven;
    grace_s: how long the policy may be at fault before the car gives up; off_lane_s: how long it may want to leave the
    lane; mrm_s: how long a manoeuvre may take; prepare_s: how long after its begin a manoeuvre may still turn to a kerb
    place that was found meanwhile."""

    accel_mps2: float = 2.5
    brake_mps2: float = 8.0
    over_limit: float = 1.1
    grace_s: float = 0.5
    off_lane_s: float = 1.5
    mrm_s: float = 30.0
    prepare_s: float = 0.5
    rss: RssBounds = field(default_factory=RssBounds)
    plausible: PlausibleBounds = field(default_factory=PlausibleBounds)
    manoeuvre: ManoeuvreBounds = field(default_factory=ManoeuvreBounds)
    lease: LinkLease = field(default_factory=LinkLease)


@dataclass(frozen=True, slots=True)
class Situation:
    """Plain facts of one car now. `path`: rows x, y, heading ahead, `spacing_m` apart; `kerb_m`: to a prepared kerb
    place; `silent_s`: since the last frame on the link; `must_stop`: a reason from outside (ODD left, sensor lost), or
    None; `gap_m`, `lead_speed_mps`: a body in the way whatever the car steers.

    Only with `guards_way` the way to the side is looked at: `bodies` around; `band_m`, what of the lane's width the
    rear axle may take; front_m, rear_m, width_m: the car's body. `line_m`: front bumper to a stop line that must not be
    passed; `speed_cap_mps`: what holds besides the limit; `brake_max_mps2` by the platform, `brake_able_mps2` as seen;
    `bend`: curvature that the car drives now (1/m).
    """

    now_s: float
    pose: tuple[float, float, float, float]
    speed_limit_mps: float
    gap_m: float | None
    lead_speed_mps: float
    path: PathRows | None
    spacing_m: float
    kerb_m: float | None
    silent_s: float = 0.0
    must_stop: str | None = None
    guards_way: bool = False
    bodies: Sequence[Obstacle] = ()
    band_m: tuple[float, float] = NO_BAND
    front_m: float = 3.9
    rear_m: float = 1.1
    width_m: float = 2.0
    line_m: float | None = None
    speed_cap_mps: float = float("inf")
    brake_max_mps2: float = 8.0
    brake_able_mps2: float = float("inf")
    bend: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the policy says: rows x, y, heading, speed every `step_s`, in answer to the observation of `answers_s`."""

    rows: Sequence[Sequence[float]]
    answers_s: float


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the monitor remembers of a car. kept: the way found safe last; pulse: whether the policy lives."""

    mode: Mode = Mode.AUTONOMOUS
    reason: str = ""
    since_s: float = 0.0
    fault_since_s: float | None = None
    manoeuvre: Manoeuvre | None = None
    off_since_s: float | None = None
    kept: Sequence[Sequence[float]] | None = field(default=None, compare=False)
    pulse: Pulse = field(default_factory=Pulse, compare=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rows`: the trajectory to drive in place of the policy's; None: the policy's is fine. Bounds hold for both.
    corrected: what was changed: "steer:<kind>", "off_lane", "brake:<kind>", "brake:line"; "" nothing."""

    rows: list[Row] | None
    speed_max_mps: float
    accel_max_mps2: float
    accel_min_mps2: float
    fault: str | None = None
    corrected: str = ""
