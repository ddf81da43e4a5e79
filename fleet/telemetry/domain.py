"""Telemetry as plain values, and which of it is believed."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

MAX_AGE_S: Final = 36 * 3600.0  # older than what any car keeps; partitions reach further back
MAX_AHEAD_S: Final = 5.0  # a clock that goes further ahead is wrong
JUMP_SLACK_M: Final = 200.0
JUMP_MPS: Final = 300.0  # far above any car, and above the proofs' faster world
_METRES_PER_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One report as it is stored. `epoch` is the session that brought it, `live` false for what was buffered."""

    vehicle_id: UUID
    epoch: int
    received_at: datetime
    live: bool
    ts: datetime
    lon: float
    lat: float
    heading_deg: float
    speed_mps: float
    accel_mps2: float
    soc_pct: float
    odometer_m: float
    drive_mode: str
    odd_status: str
    doors_open: bool
    occupied: bool
    hazard_lights: bool
    mission_id: UUID | None
    mission_version: int
    stop_index: int
    remaining_m: float
    remaining_s: float
    edge: int | None
    offset_m: float


def disbelief(sample: Sample, before: Sample | None) -> str | None:
    """Why a report is not believed: `too_old`, `from_future`, `jump`; None: it is.

    `before` is the last believed report of the same car.
    """
    age_s = (sample.received_at - sample.ts).total_seconds()
    if age_s > MAX_AGE_S:
        return "too_old"
    if age_s < -MAX_AHEAD_S:
        return "from_future"
    if before is not None and sample.ts >= before.ts:
        elapsed_s = (sample.ts - before.ts).total_seconds()
        if distance_m(before.lon, before.lat, sample.lon, sample.lat) > JUMP_SLACK_M + JUMP_MPS * elapsed_s:
            return "jump"
    return None


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Plane approximation, good to a per mille over the few kilometres that it is asked about."""
    east = (lon_b - lon_a) * math.cos(math.radians((lat_a + lat_b) / 2))
    return math.hypot(east, lat_b - lat_a) * _METRES_PER_DEGREE
