"""Was a collision avoidable? Computed from the record of an episode, without anything of the safety layer.

Danger as the RSS paper defines it (Shalev-Shwartz et al. 2017, definitions 3 and 7) is found by rolling both sides'
worst case out in small steps, not by the layer's formulas: the car may still accelerate for the response time and then
brakes with 4.5 m/s², others brake, come on or come across as far as IEEE 2846 lets one assume. From the moment on that
became dangerous and stayed so until the collision (the paper's danger threshold) the car's possible answers (response
time, then braking with 4.5 to 8 m/s² and ending its movement across) are rolled out against what the others really did.
If one of them touches nobody, the collision was avoidable.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.safety_world import (
    BLOCK,
    CROSSING,
    CUT_IN,
    CYCLIST,
    FRONT_M,
    LEAD,
    ONCOMING,
    PARKED,
    REAR_M,
    TICK_S,
    WALKER,
    WIDTH_M,
    Others,
    Record,
    extent,
)

F8 = NDArray[np.float64]
FINE_S = 0.05
HORIZON_S = 5.0
AFTER_S = 5.0
RESPONSE_S = 0.3
TOUCH_M = 0.03
SIDE_MPS2 = 3.0
ANSWERS = (4.5, 6.0, 8.0)
# Braking along, braking across, gain across within the response time, by kind, and whether it may just go on across.
_SIDE_BRAKE = {LEAD: 2.0, CUT_IN: 2.0, ONCOMING: 2.0, CYCLIST: 1.5, WALKER: 2.0, CROSSING: 4.0}


@dataclass(frozen=True)
class Contact:
    """The first touch: when, with whom, and whether the car is to be asked about it at all."""

    step: int
    slot: int
    at_fault: bool


def first_contact(record: Record, others: Others, row: int) -> Contact | None:
    """At fault as far as the car moved and was not hit from behind."""
    ego = record.ego[:, row]
    best: Contact | None = None
    for slot in np.flatnonzero(others.kind[row] >= 0).tolist():
        touch = _touches(ego, record.others[:, row, slot], *_body(others, row, slot))
        steps = np.flatnonzero(touch)
        if len(steps) and (best is None or steps[0] < best.step):
            step = int(steps[0])
            other = record.others[step, row, slot]
            behind = other[0] < ego[step, 0] - REAR_M and other[2] > ego[step, 2]
            best = Contact(step, slot, bool(ego[step, 2] > 0.1 and not behind))
    return best


def avoidable(record: Record, others: Others, row: int, contact: Contact, brake_mps2: float) -> bool:
    """Could an answer to the danger have avoided it, given when it became dangerous (the paper's danger threshold: the
    begin of the dangerous time that ends in the collision)?"""
    step = contact.step
    while step > 0 and not _foreseen(record, others, row, contact.slot, step):
        step -= 1  # the touch itself may be no danger any more by the distances
    if step == 0 and not _foreseen(record, others, row, contact.slot, 0):
        return bool(record.known[contact.step, row, contact.slot])  # never dangerous before: it should not happen
    while step > 0 and _foreseen(record, others, row, contact.slot, step - 1):
        step -= 1
    return any(_clear(record, others, row, step, min(brake, brake_mps2)) for brake in ANSWERS)


def _foreseen(record: Record, others: Others, row: int, slot: int, step: int) -> bool:
    return bool(record.known[step, row, slot]) and dangerous(record, others, row, slot, step)


def dangerous(record: Record, others: Others, row: int, slot: int, step: int) -> bool:
    """Neither the distance along nor that across is safe, in the worst case that one has to reckon with."""
    kind, length, width = _body(others, row, slot)
    ego, other = record.ego[step, row], record.others[step, row, slot]
    half_s, half_l = extent(kind, float(other[2]), float(other[3]), length, width)
    t = np.arange(0.0, HORIZON_S, FINE_S)
    own = ego[0] + _way(t, float(ego[2]), 2.5, 4.5)
    return _unsafe_along(t, own, ego, other, kind=kind, half_s=half_s) and _unsafe_across(
        t, ego, other, kind=kind, half_l=half_l, half_s=half_s
    )


def _unsafe_along(t: F8, own: F8, ego: F8, other: F8, *, kind: int, half_s: float) -> bool:
    if other[0] + half_s < ego[0] - REAR_M:
        return False
    along = float(other[2])
    if along < -0.5:
        theirs = other[0] - _way(t, -along, 2.5, 4.5)
    elif kind in (WALKER, BLOCK, PARKED, CROSSING):
        theirs = np.full_like(t, other[0])
    else:
        theirs = other[0] + _way(t, max(along, 0.0), 0.0, 10.0 if kind == CYCLIST else 8.0, response_s=0.0)
    return bool(((theirs - half_s) - (own + FRONT_M)).min() < 0.0)


def _unsafe_across(t: F8, ego: F8, other: F8, *, kind: int, half_l: float, half_s: float) -> bool:
    side = float(ego[2]) * np.sin(float(ego[3]))
    mine = ego[1] + _slide(t, float(side), 0.0, SIDE_MPS2)
    across = float(other[3])
    if kind == WALKER and abs(across) > 0.1:
        theirs = other[1] + across * t
        passing = (other[0] + half_s + REAR_M - ego[0]) / max(float(ego[2]), 1.0)
        keep = t <= max(passing, FINE_S)
        mine, theirs = mine[keep], theirs[keep]
    elif kind in _SIDE_BRAKE:
        theirs = other[1] + _slide(t, across, 0.0, _SIDE_BRAKE[kind])
    else:
        theirs = np.full_like(t, other[1])
    return bool((np.abs(mine - theirs) < half_l + WIDTH_M / 2).any())


def _way(t: F8, speed: float, accel: float, brake: float, response_s: float = RESPONSE_S) -> F8:
    """Metres driven over time: gaining for the response time, then braking to a stand; stepped, not by formula."""
    gone, v, result = 0.0, speed, []
    for at in t:
        result.append(gone)
        gone += v * FINE_S
        v = v + accel * FINE_S if at < response_s else max(0.0, v - brake * FINE_S)
    return np.array(result)


def _slide(t: F8, side: float, response_s: float, brake: float) -> F8:
    way: F8 = np.sign(side) * _way(t, abs(side), 0.0, brake, response_s)
    return way


def _clear(record: Record, others: Others, row: int, step: int, brake: float) -> bool:
    """The car answers the danger of `step` as definition 8 asks, braking along and ending its movement across: does
    nobody touch it, also when it stands?"""
    delay, more = round(RESPONSE_S / TICK_S), round(AFTER_S / TICK_S)
    path = np.pad(record.ego[step:, row], ((0, more), (0, 0)), mode="edge")
    if delay >= len(path):
        return False
    s, left, speed, off = (float(value) for value in path[delay])
    side = speed * np.sin(off)
    for k in range(delay, len(path)):
        path[k] = s, left, speed, np.arcsin(np.clip(side / max(speed, 0.1), -0.5, 0.5))
        if speed <= 0.0:
            continue
        s += speed * TICK_S
        left += side * TICK_S
        side -= np.clip(side, -SIDE_MPS2 * TICK_S, SIDE_MPS2 * TICK_S)
        side = float(np.clip(side, -0.5 * speed, 0.5 * speed))
        speed = max(0.0, speed - brake * TICK_S)
    return not any(
        _touches(path, _onward(record.others[step:, row, slot], more), *_body(others, row, slot)).any()
        for slot in np.flatnonzero(others.kind[row] >= 0).tolist()
    )


def _onward(body: F8, steps: int) -> F8:
    """A body's record, and as it goes on at its last speed: who stands before an oncoming car is hit later."""
    after = np.repeat(body[-1:], steps, axis=0)
    after[:, :2] += body[-1, 2:] * TICK_S * np.arange(1, steps + 1)[:, None]
    return np.concatenate([body, after])


def _body(others: Others, row: int, slot: int) -> tuple[int, float, float]:
    return int(others.kind[row, slot]), float(others.length[row, slot]), float(others.width[row, slot])


def _touches(ego: F8, other: F8, kind: int, length: float, width: float) -> NDArray[np.bool_]:
    """bool[T]: rectangles in the lane's frame overlap, by the separating axis theorem (curvature within a body's length
    is neglected)."""
    speed = np.hypot(other[:, 2], other[:, 3])
    still = 0.0 if kind != CROSSING else np.pi / 2
    angle = np.where(speed > 0.3, np.arctan2(other[:, 3], other[:, 2]), still)
    a_half = np.array([(FRONT_M + REAR_M) / 2, WIDTH_M / 2])
    b_half = np.array([length / 2, width / 2])
    middle = (FRONT_M - REAR_M) / 2
    ax = ego[:, 0] + middle * np.cos(ego[:, 3])
    ay = ego[:, 1] + middle * np.sin(ego[:, 3])
    delta = np.stack([other[:, 0] - ax, other[:, 1] - ay], axis=1)
    overlap = np.ones(len(ego), dtype=np.bool_)
    for heading in (ego[:, 3], ego[:, 3] + np.pi / 2, angle, angle + np.pi / 2):
        axis = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        reach = _reach(axis, ego[:, 3], a_half) + _reach(axis, angle, b_half)
        overlap &= np.abs((delta * axis).sum(axis=1)) < reach - TOUCH_M
    return overlap


def _reach(axis: F8, heading: F8, half: F8) -> F8:
    c, s = np.cos(heading), np.sin(heading)
    along = np.abs(axis[:, 0] * c + axis[:, 1] * s)
    across = np.abs(-axis[:, 0] * s + axis[:, 1] * c)
    reach: F8 = half[0] * along + half[1] * across
    return reach
