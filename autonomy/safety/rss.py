"""Responsibility-sensitive safety: the distances that always suffice, and what to do below them.

Shalev-Shwartz, Shammah, Shashua, On a Formal Model of Safe and Scalable Self-driving Cars (2017, arXiv 1708.06374):
definition 1 (same direction), 2 (opposite directions), 3 and 4 (dangerous longitudinal situation, proper response),
5 (lateral velocity), 6 (lateral distance). What others may do is assumed as IEEE 2846-2022 asks: bounded acceleration,
braking and lateral movement by kind of road user. Metres, seconds; speeds of the car itself are not negative.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RssBounds:
    """response_s: ρ, at least one control period plus actuation; accel: what the car may do within ρ; brake_min:
    what it then brakes with at least; lead_brake_max: what the leader may brake with at most. Lateral: what a road
    user may gain towards the other within ρ, and with what it then stops its lateral movement at least."""

    response_s: float = 0.3
    accel_mps2: float = 2.5
    brake_min_mps2: float = 4.5
    lead_brake_max_mps2: float = 8.0
    lateral_accel_mps2: float = 0.5
    lateral_brake_mps2: float = 1.5


def stopping_m(speed_mps: float, response_s: float, accel_mps2: float, brake_mps2: float) -> float:
    """The way of a road user that accelerates for the response time and then brakes to a stand."""
    reached = speed_mps + response_s * accel_mps2
    return speed_mps * response_s + accel_mps2 * response_s**2 / 2 + reached * reached / (2 * brake_mps2)


def safe_gap_m(
    speed_mps: float, lead_speed_mps: float, bounds: RssBounds, lead_brake_mps2: float | None = None
) -> float:
    """Definition 1: bumper to bumper distance below which the car must brake. `lead_brake_mps2`: instead of b_max.

    d_min = v ρ + a ρ² / 2 + (v + ρ a)² / (2 b_min) − v_lead² / (2 b_max), not below 0.
    """
    own = stopping_m(speed_mps, bounds.response_s, bounds.accel_mps2, bounds.brake_min_mps2)
    lead = lead_speed_mps * lead_speed_mps / (2 * (lead_brake_mps2 or bounds.lead_brake_max_mps2))
    return max(0.0, own - lead)


def opposite_gap_m(speed_mps: float, oncoming_mps: float, bounds: RssBounds) -> float:
    """Definition 2: the distance below which both must brake when they drive towards each other (both speeds ≥ 0)."""
    own = stopping_m(speed_mps, bounds.response_s, bounds.accel_mps2, bounds.brake_min_mps2)
    return own + stopping_m(oncoming_mps, bounds.response_s, bounds.accel_mps2, bounds.brake_min_mps2)


def lateral_reach_m(towards_mps: float, bounds: RssBounds) -> float:
    """One side's part of definition 6: how far a road user may come nearer that moves sideways at `towards_mps`
    (negative: away, which counts as none) before its lateral movement has ended."""
    speed = max(towards_mps, 0.0)
    return stopping_m(speed, bounds.response_s, bounds.lateral_accel_mps2, bounds.lateral_brake_mps2)


def accel_bound(gap_m: float, speed_mps: float, lead_speed_mps: float, bounds: RssBounds) -> float:
    """Definition 4: free while the gap suffices, else braking at least with brake_min."""
    if gap_m >= safe_gap_m(speed_mps, lead_speed_mps, bounds):
        return bounds.accel_mps2
    return -bounds.brake_min_mps2


def needed_brake_mps2(
    gap_m: float, speed_mps: float, lead_speed_mps: float = 0.0, lead_brake_mps2: float = 8.0
) -> float:
    """The steady braking that stops the car behind one that brakes with lead_brake; infinite without room."""
    room = gap_m + lead_speed_mps * lead_speed_mps / (2 * lead_brake_mps2)
    return speed_mps * speed_mps / (2 * room) if room > 1e-3 else float("inf")
