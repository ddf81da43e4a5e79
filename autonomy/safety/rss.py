"""Responsibility-sensitive safety, longitudinal: the distance that always suffices.

Shalev-Shwartz, Shammah, Shashua, On a Formal Model of Safe and Scalable Self-driving Cars (2017), definition 1:
d_min = v ρ + a ρ² / 2 + (v + ρ a)² / (2 b_min) − v_lead² / (2 b_max), not below 0.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RssBounds:
    """response_s: ρ, at least one control period plus actuation; accel: what the car may do within ρ; brake_min:
    what it then brakes with at least; lead_brake_max: what the leader may brake with at most."""

    response_s: float = 0.3
    accel_mps2: float = 2.5
    brake_min_mps2: float = 4.5
    lead_brake_max_mps2: float = 8.0


def safe_gap_m(speed_mps: float, lead_speed_mps: float, bounds: RssBounds) -> float:
    """Bumper to bumper distance below which the car must brake."""
    reached = speed_mps + bounds.response_s * bounds.accel_mps2
    own = speed_mps * bounds.response_s + bounds.accel_mps2 * bounds.response_s**2 / 2
    own += reached * reached / (2 * bounds.brake_min_mps2)
    lead = lead_speed_mps * lead_speed_mps / (2 * bounds.lead_brake_max_mps2)
    return max(0.0, own - lead)


def accel_bound(gap_m: float, speed_mps: float, lead_speed_mps: float, bounds: RssBounds) -> float:
    """The most acceleration that is still safe: free while the gap suffices, else braking at least with brake_min."""
    if gap_m >= safe_gap_m(speed_mps, lead_speed_mps, bounds):
        return bounds.accel_mps2
    return -bounds.brake_min_mps2
