"""Whose fault a collision is.

The classes are those of NAVSIM and nuPlan (Dauner et al. 2024; Karnchanachari et al. 2024): a car that stands is hit;
who hits a standing thing, or anything with its front, is at fault; who is hit from behind is not; a hit at the side is
the fault of who left its lane. In addition what no driver could have avoided is nobody's fault: when the other came
into the car's way nearer than the RSS distance (Shalev-Shwartz et al. 2017) for a response time of `RESPONSE_S` and
full braking.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
RESPONSE_S = 0.5
BRAKE_MPS2 = 6.0
OTHER_BRAKE_MPS2 = 8.0
STANDING_MPS = 0.1
OUT_OF_LANE_M = 0.5


class Contact(StrEnum):
    """How the bodies met, seen from the car that is judged."""

    STOOD = "stood"
    STANDING_THING = "standing_thing"
    FRONT = "front"
    REAR = "rear"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Collision:
    """One contact of a car with another body, at the instant when it began."""

    car_id: str
    other: str
    time_s: float
    contact: Contact
    at_fault: bool
    speed_mps: float


def rss_distance_m(speed_mps: float, other_mps: float) -> float:
    """The longitudinal distance from which a stop behind the other is possible, 0 at least."""
    reacted = speed_mps * RESPONSE_S + speed_mps**2 / (2 * BRAKE_MPS2)
    return max(reacted - max(other_mps, 0.0) ** 2 / (2 * OTHER_BRAKE_MPS2), 0.0)


def contact_of(own: F8, other: F8, *, speed_mps: float, other_mps: float) -> Contact:
    """own, other: f8[4, 2], corners as in `boxes.corners`."""
    if speed_mps < STANDING_MPS:
        return Contact.STOOD
    if other_mps < STANDING_MPS:
        return Contact.STANDING_THING
    middle = own.mean(axis=0)
    ahead = own[1] - own[0]
    length = float(np.hypot(*ahead))
    along = (other - middle) @ (ahead / max(length, 1e-9))
    if along.mean() > 0.3 * length and along.max() > length / 2:
        return Contact.FRONT
    if along.mean() < -0.3 * length and along.min() < -length / 2:
        return Contact.REAR
    return Contact.SIDE


def at_fault(contact: Contact, *, avoidable: bool, left_lane: bool, without_leave: bool) -> bool:
    """left_lane: the car was beside its way; without_leave: it was in a junction that it should not have entered."""
    if contact in (Contact.STOOD, Contact.REAR):
        return False
    if contact is Contact.SIDE:
        return left_lane or without_leave
    return avoidable or without_leave
