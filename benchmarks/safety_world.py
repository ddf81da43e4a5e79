"""Short episodes against a hostile policy: one car on a lane, straight or bent, and others who move by script.

Everything is in the lane's own frame, metres along it (s) and left of it (l); the car itself moves by the simulator's
dynamics in the plane. Many episodes at once; deterministic by seed.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.dynamics import Motion
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS
from autonomy.world.observation import (
    PATH_POINTS,
    PATH_SPACING_M,
    Directive,
    EgoState,
    Hazard,
    HazardKind,
    JunctionAhead,
    NavigationCommand,
    Observation,
    Signal,
)

F8 = NDArray[np.float64]
TICK_S = 0.1
STEPS = 90
OTHERS = 3
FRONT_M, REAR_M, WIDTH_M, BRAKE_MPS2 = 3.9, 1.1, 1.95, 8.0
LANE_M = 3.3
LEAD, BLOCK, PARKED, WALKER, ONCOMING, CYCLIST, CUT_IN, CROSSING = range(8)
NAMES = ("lead", "block", "parked", "walker", "oncoming", "cyclist", "cut_in", "crossing")
SIZES = {
    LEAD: (4.6, 1.9), BLOCK: (7.0, 2.4), PARKED: (4.6, 1.9), WALKER: (0.5, 0.6), ONCOMING: (4.6, 1.9),
    CYCLIST: (1.8, 0.7), CUT_IN: (4.6, 1.9), CROSSING: (4.6, 1.9),
}  # fmt: skip
_HAZARD = {
    LEAD: HazardKind.VEHICLE, BLOCK: HazardKind.BLOCKING, PARKED: HazardKind.PARKED, WALKER: HazardKind.PEDESTRIAN,
    ONCOMING: HazardKind.VEHICLE, CYCLIST: HazardKind.CYCLIST, CUT_IN: HazardKind.VEHICLE,
    CROSSING: HazardKind.VEHICLE,
}  # fmt: skip


@dataclass(eq=False)
class Others:
    """OTHERS bodies of each of N episodes, f8[N, OTHERS] each; kind i8, -1: nobody. `plan`: what each script needs."""

    kind: NDArray[np.int64]
    s: F8
    left: F8
    along: F8
    across: F8
    length: F8
    width: F8
    begun_s: F8
    plan: F8  # [N, OTHERS, 6]


@dataclass(eq=False)
class Record:
    """What happened: the car in the lane's frame (s, l, speed, heading against the lane), f8[STEPS + 1, N, 4]; the
    others (s, l, along, across), f8[STEPS + 1, N, OTHERS, 4]; who was known to the car, bool[STEPS + 1, N, OTHERS]."""

    ego: F8
    others: F8
    known: NDArray[np.bool_]


@dataclass(eq=False)
class Episodes:
    """N episodes at the same instant."""

    seed: int
    count: int
    curvature: F8 = field(init=False)
    limit: F8 = field(init=False)
    others: Others = field(init=False)
    line_s: F8 = field(init=False)
    motion: Motion = field(init=False)
    time_s: float = 0.0

    def __post_init__(self) -> None:
        random = np.random.default_rng([self.seed, 77])
        n = self.count
        self.curvature = np.where(random.random(n) < 0.5, 0.0, random.choice([-1, 1], n) / random.uniform(80, 250, n))
        self.limit = random.uniform(7.0, 15.0, n)
        speed = self.limit * random.uniform(0.3, 1.0, n)
        self.others = _cast(random, n, speed)
        self.line_s = np.full(n, np.nan)
        yields = (self.others.kind == CROSSING) & (self.others.plan[:, :, 1] > 0)
        for row, slot in zip(*np.nonzero(yields), strict=True):
            self.line_s[row] = self.others.s[row, slot] - 6.0
        self.motion = _motion(n, speed, random.choice([BRAKE_MPS2, 7.0], n))
        x, y, heading = self.plane(np.zeros(n), random.uniform(-0.2, 0.2, n))
        self.motion.x, self.motion.y, self.motion.heading = x, y, heading

    # --- the lane's frame

    def plane(self, s: F8, left: F8) -> tuple[F8, F8, F8]:
        """x, y and the lane's heading; arrays of shape [N] or [N, k]."""
        kappa = self.curvature.reshape(-1, *([1] * (s.ndim - 1)))
        straight = np.abs(kappa) < 1e-9
        radius = 1.0 / np.where(straight, 1.0, kappa)
        angle = np.where(straight, 0.0, s * kappa)
        x = np.where(straight, s, (radius - left) * np.sin(angle))
        y = np.where(straight, left, radius - (radius - left) * np.cos(angle))
        return x, y, angle

    def locate(self) -> F8:
        """f8[N, 4]: s, l, speed and heading against the lane of the car's rear axle."""
        motion, kappa = self.motion, self.curvature
        straight = np.abs(kappa) < 1e-9
        radius = 1.0 / np.where(straight, 1.0, kappa)
        sign = np.sign(radius)
        s = np.where(straight, motion.x, np.abs(radius) * np.arctan2(motion.x, sign * (radius - motion.y)))
        left = np.where(straight, motion.y, radius - sign * np.hypot(motion.x, radius - motion.y))
        off = motion.heading - np.where(straight, 0.0, s * kappa)
        return np.column_stack([s, left, motion.speed, np.angle(np.exp(1j * off))])

    # --- what the car sees

    def observations(self, ego: F8, rows: NDArray[np.int64]) -> list[Observation]:
        s = ego[:, :1] + PATH_SPACING_M * np.arange(PATH_POINTS)[None, :]
        x, y, heading = self.plane(s, np.zeros_like(s))
        bend = np.broadcast_to(self.curvature[:, None], s.shape)
        limit = np.broadcast_to(self.limit[:, None], s.shape)
        path = np.stack([x, y, heading, bend, limit], axis=2)
        return [self._observation(int(row), ego[row], path[row]) for row in rows]

    def _observation(self, row: int, ego: F8, path: F8) -> Observation:
        motion = self.motion
        state = EgoState(
            float(motion.x[row]), float(motion.y[row]), float(motion.heading[row]), float(motion.speed[row]),
            float(motion.accel[row]), float(motion.steer[row]), float(ego[1]), FRONT_M, WIDTH_M,
            float(motion.accel_max[row]), float(motion.brake_max[row]),
        )  # fmt: skip
        return Observation(
            car_id=str(row),
            time_s=self.time_s,
            ego=state,
            path=path,
            leader=None,
            junction=self._junction(row, float(ego[0])),
            stop=None,
            may_leave_kerb=True,
            box_left_m=0.0,
            directive=Directive.DRIVE,
            navigation=NavigationCommand.FOLLOW,
            target_points=np.zeros((2, 2)),
            hazards=tuple(self._hazards(row, float(ego[0]))),
            room_left_m=(LANE_M / 2, LANE_M * 1.5),
        )

    def _junction(self, row: int, s: float) -> JunctionAhead | None:
        line = float(self.line_s[row]) - s - FRONT_M
        if not line > -FRONT_M - REAR_M:
            return None
        others = self.others
        slot = int(np.flatnonzero(others.kind[row] == CROSSING)[0])
        gone = float(others.left[row, slot] * np.sign(others.across[row, slot])) > 5.0
        return JunctionAhead(line, Signal.NONE, gone, line + 14.0)

    def known(self, ego_s: F8) -> NDArray[np.bool_]:
        """bool[N, OTHERS]: who can be seen; a walker may be hidden until it is near."""
        others = self.others
        hidden = (others.kind == WALKER) & (others.s - ego_s[:, None] - FRONT_M > others.plan[:, :, 4])
        seen: NDArray[np.bool_] = (others.kind >= 0) & ~hidden
        return seen

    def _hazards(self, row: int, s: float) -> list[Hazard]:
        others, found = self.others, []
        for slot in np.flatnonzero(self.known(np.full(self.count, s))[row]):
            kind = int(others.kind[row, slot])
            along, across = float(others.along[row, slot]), float(others.across[row, slot])
            length, width = float(others.length[row, slot]), float(others.width[row, slot])
            half_s, half_l = extent(kind, along, across, length, width)
            left = float(others.left[row, slot])
            ahead = float(others.s[row, slot]) - half_s - s - FRONT_M
            clear = max(abs(left) - half_l - WIDTH_M / 2, 0.0)
            state = _state(kind, across, begun=bool(np.isfinite(others.begun_s[row, slot])))
            found.append(Hazard(_HAZARD[kind], ahead, left, clear, along, across, length, width, state, str(slot)))
        return found

    # --- time

    def act(self, rows: NDArray[np.int64], trajectories: F8, given_s: F8, limits: F8) -> None:
        """limits f8[k, 3]: most speed, most and least acceleration."""
        motion = self.motion
        motion.trajectory[rows], motion.given_s[rows] = trajectories, given_s
        motion.limit_speed[rows], motion.limit_accel[rows], motion.limit_brake[rows] = limits.T

    def step(self) -> None:
        ego = self.locate()
        _move(self.others, ego, self.time_s)
        self.motion.advance(self.time_s, TICK_S)
        self.time_s += TICK_S


def extent(kind: int, along: float, across: float, length: float, width: float) -> tuple[float, float]:
    """Half of a body's extent along and across the lane, by the way it faces."""
    speed = float(np.hypot(along, across))
    if speed > 0.3:
        c, s = abs(along) / speed, abs(across) / speed
    else:
        c, s = (0.0, 1.0) if kind == CROSSING else (1.0, 0.0)
    return (length * c + width * s) / 2, (length * s + width * c) / 2


def _state(kind: int, across: float, *, begun: bool) -> str:
    if kind == WALKER:
        return "crossing" if begun and abs(across) > 0.1 else "waiting"
    return {ONCOMING: "oncoming", CROSSING: "crossing", LEAD: "same", CUT_IN: "same"}.get(kind, "")


def _motion(n: int, speed: F8, brake: F8) -> Motion:
    def full(value: float) -> F8:
        return np.full(n, value)

    return Motion(
        x=full(0.0), y=full(0.0), heading=full(0.0), speed=speed.copy(), accel=full(0.0), steer=full(0.0),
        wheelbase=full(2.9), steer_max=full(0.58), steer_rate=full(0.7), accel_max=full(2.5), brake_max=brake,
        speed_max=full(36.0), trajectory=np.zeros((n, ACTION_STEPS, 4)), given_s=full(0.0),
        limit_speed=full(np.inf), limit_accel=full(np.inf), limit_brake=full(-np.inf),
    )  # fmt: skip


def _cast(random: np.random.Generator, n: int, speed: F8) -> Others:
    """Who is there. plan by kind: lead: seed of its moods; walker: (speed, trigger, stops at l, -, seen from);
    oncoming: (drifts over, trigger); cut_in: (side speed, trigger); crossing: (goes on, the car must yield)."""
    shape = (n, OTHERS)
    kind = random.integers(0, 8, shape)
    kind = np.where(np.arange(OTHERS)[None, :] < random.integers(1, OTHERS + 1, n)[:, None], kind, -1)
    for unique in (LEAD, CROSSING):  # one of these is enough
        for row in np.flatnonzero((kind == unique).sum(axis=1) > 1):
            kind[row, np.flatnonzero(kind[row] == unique)[1:]] = -1
    for row in np.flatnonzero((kind == CROSSING).any(axis=1)):
        kind[row, kind[row] == PARKED] = -1
    u = random.random((*shape, 8))
    side = np.where(u[:, :, 0] < 0.5, 1.0, -1.0)
    v = speed[:, None]
    brakes = v * 0.4 + v * v / 8.0  # nobody begins nearer than a calm driver needs
    s = FRONT_M + brakes + 6.0 + u[:, :, 1] * 55.0
    left, along, across = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    plan = np.zeros((*shape, 6))

    def put(of: int, **what: Any) -> None:
        mask = kind == of
        for name, value in what.items():
            target = {"left": left, "along": along, "across": across, "s": s}[name]
            target[mask] = np.broadcast_to(value, shape)[mask]

    put(LEAD, along=u[:, :, 2] * v * 1.1, s=FRONT_M + v * 0.6 + v * v / 9.0 + 6.0 + u[:, :, 1] * 25.0)
    put(BLOCK, left=(u[:, :, 2] - 0.5) * 1.2)
    put(PARKED, left=side * (2.25 + u[:, :, 2] * 0.7))
    put(WALKER, left=side * (2.6 + u[:, :, 2] * 3.0))
    put(ONCOMING, left=LANE_M, along=-(4.0 + u[:, :, 2] * 9.0), s=s + 40.0)
    put(CYCLIST, left=-1.2 + u[:, :, 3] * 1.2, along=2.5 + u[:, :, 2] * 3.5)
    put(CUT_IN, left=LANE_M, along=v * (0.5 + 0.5 * u[:, :, 2]), s=u[:, :, 1] * 25.0 - 4.0)
    put(CROSSING, left=side * (14.0 + u[:, :, 2] * 25.0), across=-side * (4.0 + u[:, :, 3] * 7.0))
    plan[:, :, 0] = np.select(
        [kind == WALKER, kind == ONCOMING, kind == CUT_IN, kind == CROSSING],
        [0.7 + 1.5 * u[:, :, 4], (u[:, :, 4] < 0.2) * 1.0, 0.4 + u[:, :, 4], (u[:, :, 4] < 0.7) * 1.0],
    )
    plan[:, :, 1] = np.select(
        [kind == WALKER, kind == ONCOMING, kind == CUT_IN, kind == CROSSING],
        [3.0 + 50.0 * u[:, :, 5], 10.0 + 30.0 * u[:, :, 5], 0.3 + 5.0 * u[:, :, 5], (u[:, :, 5] < 0.6) * 1.0],
    )
    plan[:, :, 2] = np.where(u[:, :, 6] < 0.25, (u[:, :, 6] - 0.125) * 10.0, np.nan)
    plan[:, :, 3] = random.integers(0, 1 << 30, shape)
    plan[:, :, 4] = np.where(u[:, :, 7] < 0.3, 4.0 + 20.0 * u[:, :, 6], np.inf)
    plan[:, :, 5] = side
    length, width = np.ones(shape), np.ones(shape)
    for of, size in SIZES.items():
        length[kind == of], width[kind == of] = size
    return Others(kind, s, left, along, across, length, width, np.full(shape, np.inf), plan)


def _move(others: Others, ego: F8, time_s: float) -> None:
    """One tick of every script."""
    kind, plan = others.kind, others.plan
    gap = others.s - ego[:, :1] - FRONT_M
    trigger = ((kind == WALKER) | (kind == ONCOMING)) & (gap < plan[:, :, 1])
    trigger |= (kind == CUT_IN) & (time_s >= plan[:, :, 1])
    fresh = trigger & ~np.isfinite(others.begun_s)
    others.begun_s[fresh] = time_s
    begun = np.isfinite(others.begun_s)

    lead = kind == LEAD
    mood = np.floor((time_s + plan[:, :, 3] % 7) / 1.3).astype(np.int64)
    wave = np.sin(plan[:, :, 3] + 12.9898 * mood)
    accel = np.where(wave < -0.4, -8.0 * np.abs(wave), 2.0 * wave)
    others.along[lead] = np.maximum(others.along + accel * TICK_S, 0.0)[lead]

    walks = (kind == WALKER) & begun
    stops = np.isfinite(plan[:, :, 2]) & (np.abs(others.left - plan[:, :, 2]) < 0.2) & (
        time_s - others.begun_s < 7.0
    )  # fmt: skip
    over = others.left * plan[:, :, 5] < -6.0
    speed = np.where(stops | over, 0.0, plan[:, :, 0])
    # People take a moment to get going: 2 m/s².
    wanted = -plan[:, :, 5] * speed
    change = np.clip(wanted - others.across, -2.0 * TICK_S, 2.0 * TICK_S)
    others.across[walks] = np.where(stops | over, 0.0, others.across + change)[walks]

    drifts = (kind == ONCOMING) & begun & (plan[:, :, 0] > 0)
    target = np.where(others.left > 0.3, -1.4, 0.0)
    others.across[drifts] = target[drifts]

    cuts = (kind == CUT_IN) & begun
    side = np.where(others.left > 0.05, -np.minimum(plan[:, :, 0], others.left * 1.5 + 0.1), 0.0)
    others.across[cuts] = side[cuts]

    crosses = (kind == CROSSING) & (plan[:, :, 0] == 0)  # gives way: stops before the lane, at most 3 m/s²
    room = np.maximum(others.left * plan[:, :, 5] - others.length / 2 - WIDTH_M / 2 - 2.0, 0.0)
    most = np.sqrt(2 * 3.0 * room)
    others.across[crosses] = (-plan[:, :, 5] * np.minimum(np.abs(others.across), most))[crosses]

    moving = kind >= 0
    others.s[moving] += (others.along * TICK_S)[moving]
    others.left[moving] += (others.across * TICK_S)[moving]


def rows_of(episodes: Episodes, s: F8, left: F8, speed: F8) -> F8:
    """f8[N, ACTION_STEPS, 4]: trajectories from places in the lane's frame."""
    x, y, heading = episodes.plane(s, left)
    ds = np.maximum(np.diff(s, axis=1, prepend=s[:, :1] - 0.5), 0.05)
    slope: F8 = np.arctan2(np.diff(left, axis=1, prepend=left[:, :1]), ds)
    slope[:, 0] = slope[:, 1]
    return np.stack([x, y, heading + slope, speed], axis=2)


STEP_TIMES: F8 = np.asarray(ACTION_STEP_S * np.arange(1, ACTION_STEPS + 1), dtype=np.float64)
