"""Where the car may steer: the proposal's way when it is safe and in the band that it may use, else the safest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sin

from autonomy.safety.envelope import Body, Danger, danger
from autonomy.safety.lane import Lane, Place, Track
from autonomy.safety.obstacles import Obstacle
from autonomy.safety.rss import RssBounds

SIDE_MPS2 = 3.0  # with which a movement to the side is ended by steering
SIDE_DELAY_S = 0.3
NEAR_ROWS = 3
CLOSE_ROWS = 4  # looked at one by one, of the later ones every second
BAND_ROWS = 6  # of those looked at: 1.6 s
TIE_M = 0.05
TIE_MPS2 = 0.2
SETTLE_M = 6.0
BEND_MAX = 0.17  # 1/m
SIDE_MOST_MPS2 = 4.0

Rows = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Choice:
    """track: where the car goes; risk: the worst on it; corrected: why it is not the proposal's, "" if it is."""

    track: Track
    risk: Danger
    corrected: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What the choice is made by. band: lowest and highest left_m that the rear axle may take."""

    lane: Lane
    place: Place
    car: Body
    bodies: Sequence[Obstacle]
    band: tuple[float, float]
    rss: RssBounds

    def risk(self, track: Track) -> Danger:
        return danger(track, self.bodies, self.car, self.rss, self.lane)


def choose_way(scene: Scene, proposed: Rows | None, kept: Rows | None, step_s: float) -> Choice:
    """`proposed`: the policy's trajectory, None when it has no say; `kept`: the one that was found safe last."""
    swing = _now(scene)
    if proposed is not None:
        track = _proposed(scene, proposed, swing, step_s)
        risk = scene.risk(track)
        outside = _outside(track, scene)
        if risk.spare_m >= 0.0 and not outside:
            return Choice(track, risk, "")
        ways = _others(scene, kept, swing)
        best = _safest(scene, ways if outside else [*ways, track])
        if best.track is track:
            return best
        # A way round somebody that the policy did not choose is not relied on: it brakes for whom it is not clear of.
        here = scene.risk(_straight(scene, swing)).accel_max_mps2
        held = best.risk._replace(accel_max_mps2=min(best.risk.accel_max_mps2, here))
        return Choice(best.track, held, "off_lane" if outside else f"steer:{risk.cause}")
    return _safest(scene, _others(scene, kept, swing))


def _now(scene: Scene) -> tuple[float, float]:
    """The swing by the heading that the car has, and by that which it will have before its steering has turned."""
    speed, heading = scene.car.speed_mps, scene.place.heading_rad
    soon = heading + (scene.car.bend - scene.lane.bend_at(scene.place.s_m)) * speed * SIDE_DELAY_S
    a, b = _swing(speed * sin(heading)), _swing(speed * sin(soon))
    return min(a[0], b[0]), max(a[1], b[1])


def _swing(side_mps: float) -> tuple[float, float]:
    """How far the car goes on to the side before steering has ended that: (low, high)."""
    far = abs(side_mps) * SIDE_DELAY_S + side_mps * side_mps / (2 * SIDE_MPS2)
    return (-far, 0.0) if side_mps < 0 else (0.0, far)


def _track(scene: Scene, s: Sequence[float], left: Sequence[float], swing: tuple[float, float]) -> Track:
    """A way as far as the car can follow it: from its heading on within its least radius, and what the tyres hold."""
    speed, slope = scene.car.speed_mps, max(-0.7, min(0.7, scene.place.heading_rad))
    bend = min(BEND_MAX, SIDE_MOST_MPS2 / max(speed * speed, 1e-3))
    able = []
    for at, wanted in zip(s, left, strict=True):
        run = at - s[0]
        on, room = left[0] + slope * run, bend * run * run / 2
        able.append(max(on - room, min(on + room, wanted)))
    left = able
    car = scene.car
    return Track(s, left, front_m=car.front_m, rear_m=car.rear_m, heading_rad=scene.place.heading_rad, over=swing)


def _proposed(scene: Scene, rows: Rows, swing: tuple[float, float], step_s: float) -> Track:
    s, left, near = [scene.place.s_m], [scene.place.left_m], 0
    for row in (*rows[:CLOSE_ROWS], *rows[CLOSE_ROWS + 1 :: 2]):
        place, near = scene.lane.locate(row[0], row[1], row[2], near)
        s.append(max(place.s_m, s[-1]))
        left.append(place.left_m)
    low, high = swing
    for before, after in pairwise(left[1 : NEAR_ROWS + 2]):
        speed = max(-scene.car.speed_mps, min(scene.car.speed_mps, (after - before) / step_s))
        more = _swing(speed)
        low, high = min(low, more[0]), max(high, more[1])
    return _track(scene, s, left, (low, high))


def _outside(track: Track, scene: Scene) -> bool:
    """Does the way leave the band soon, and not because it comes from outside?"""
    low, high = scene.band
    begin = track.left_m[0]
    soon = track.left_m[: BAND_ROWS + 1]
    return min(soon) + track.over[0] < min(low, begin + track.over[0] - 0.2) or max(soon) + track.over[1] > max(
        high, begin + track.over[1] + 0.2
    )


def _others(scene: Scene, kept: Rows | None, swing: tuple[float, float]) -> list[Track]:
    """Back to the lane, the way found safe before, straight on beside the lane: in this order."""
    ways = []
    begin, left = scene.place.s_m, scene.place.left_m
    reach = max(6.0, 1.1 * scene.car.speed_mps, 3.0 * abs(left))
    steps = [k / 8 for k in range(9)]
    ways.append(_track(scene, [begin + part * reach for part in steps], [left * (1 - p) ** 2 for p in steps], swing))
    if kept is not None:
        ways.append(_rest(scene, kept, swing))
    if abs(left) > 0.3:
        ways.append(_straight(scene, swing))
    return ways


def _straight(scene: Scene, swing: tuple[float, float]) -> Track:
    begin, left = scene.place.s_m, scene.place.left_m
    return _track(scene, [begin, begin + SETTLE_M], [left, left], swing)


def _rest(scene: Scene, kept: Rows, swing: tuple[float, float]) -> Track:
    """What is still ahead of a way found safe before."""
    s, left, near = [scene.place.s_m], [scene.place.left_m], 0
    for row in kept:
        place, near = scene.lane.locate(row[0], row[1], row[2], near)
        if place.s_m > s[-1] + 0.3:
            s.append(place.s_m)
            left.append(place.left_m)
    return _track(scene, s, left, swing)


def _better(a: Danger, b: Danger) -> bool:
    """Is `a` clearly less dangerous? Safe before dangerous, then what needs less braking, then what is further off."""
    if a.spare_m >= 0.0 or b.spare_m >= 0.0:
        return a.spare_m >= 0.0 > b.spare_m
    if abs(a.needed_mps2 - b.needed_mps2) > TIE_MPS2:
        return a.needed_mps2 < b.needed_mps2
    return a.spare_m > b.spare_m + TIE_M


def _safest(scene: Scene, ways: Sequence[Track]) -> Choice:
    """The first safe one, or else the least dangerous."""
    best: Choice | None = None
    for track in ways:
        risk = scene.risk(track)
        if best is None or _better(risk, best.risk):
            best = Choice(track, risk, "")
        if best.risk.spare_m >= 0.0:
            break
    assert best is not None
    return best
