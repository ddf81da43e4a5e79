"""Where the car may steer: the proposal's way when it is safe and in the band that it may use, else the safest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from autonomy.safety.envelope import Body, Danger, danger
from autonomy.safety.lane import Lane, Place, Track
from autonomy.safety.obstacles import Obstacle
from autonomy.safety.rss import RssBounds

SIDE_MPS2 = 3.0  # with which a movement to the side is ended by steering
SIDE_DELAY_S = 0.15
NEAR_ROWS = 3
BAND_ROWS = 8
TIE_M = 0.05

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
    swing = _swing(scene.car.speed_mps * sin(scene.place.heading_rad))
    if proposed is not None:
        track = _proposed(scene, proposed, swing, step_s)
        risk = scene.risk(track)
        outside = _outside(track, scene)
        if risk.spare_m >= 0.0 and not outside:
            return Choice(track, risk, "")
        best = _safest(scene, _others(scene, kept, swing))
        if not outside and risk.spare_m >= best.risk.spare_m - TIE_M:
            return Choice(track, risk, "")
        return Choice(best.track, best.risk, "off_lane" if outside else f"steer:{risk.cause}")
    return _safest(scene, _others(scene, kept, swing, back_first=True))


def _swing(side_mps: float) -> tuple[float, float]:
    """How far the car goes on to the side before steering has ended that: (low, high)."""
    far = abs(side_mps) * SIDE_DELAY_S + side_mps * side_mps / (2 * SIDE_MPS2)
    return (-far, 0.0) if side_mps < 0 else (0.0, far)


def _proposed(scene: Scene, rows: Rows, swing: tuple[float, float], step_s: float) -> Track:
    track = Track.of_rows(rows, scene.lane, scene.place, swing)
    low, high = swing
    for before, after in zip(track.left_m[1 : NEAR_ROWS + 1], track.left_m[2 : NEAR_ROWS + 2], strict=False):
        speed = max(-scene.car.speed_mps, min(scene.car.speed_mps, (after - before) / step_s))
        more = _swing(speed)
        low, high = min(low, more[0]), max(high, more[1])
    track.over = (low, high)
    return track


def _outside(track: Track, scene: Scene) -> bool:
    """Does the way leave the band soon, and not because it comes from outside?"""
    low, high = scene.band
    begin = track.left_m[0]
    soon = track.left_m[: BAND_ROWS + 1]
    return min(soon) + track.over[0] < min(low, begin + track.over[0] - 0.2) or max(soon) + track.over[1] > max(
        high, begin + track.over[1] + 0.2
    )


def _others(scene: Scene, kept: Rows | None, swing: tuple[float, float], *, back_first: bool = False) -> list[Track]:
    ways = []
    begin, left = scene.place.s_m, scene.place.left_m
    reach = max(6.0, 1.6 * scene.car.speed_mps, 3.0 * abs(left))
    steps = [k / 8 for k in range(9)]
    back = [left * (1 + cos(pi * part)) / 2 for part in steps]
    ways.append(Track([begin + part * reach for part in steps], back, swing))
    if kept is not None:
        ways.insert(1 if back_first else 0, _rest(scene, kept, swing))
    if abs(left) > 0.3:
        ways.append(Track([begin], [left], swing))
    return ways


def _rest(scene: Scene, kept: Rows, swing: tuple[float, float]) -> Track:
    """What is still ahead of a way found safe before."""
    s, left, near = [scene.place.s_m], [scene.place.left_m], 0
    for row in kept:
        place, near = scene.lane.locate(row[0], row[1], row[2], near)
        if place.s_m > s[-1] + 0.3:
            s.append(place.s_m)
            left.append(place.left_m)
    return Track(s, left, swing)


def _safest(scene: Scene, ways: Sequence[Track]) -> Choice:
    """The first safe one, or else the least dangerous."""
    best: Choice | None = None
    for track in ways:
        risk = scene.risk(track)
        if best is None or risk.spare_m > best.risk.spare_m + TIE_M:
            best = Choice(track, risk, "")
        if best.risk.spare_m >= 0.0:
            break
    assert best is not None
    return best
