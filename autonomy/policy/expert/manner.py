"""How the expert drives when nothing forbids it."""

from dataclasses import dataclass

FAR_M = 1e6
BEFORE_LINE_M = 0.7


@dataclass(frozen=True, slots=True)
class Manner:
    """How the driver drives. Comfort values are those of urban passenger service."""

    accel_mps2: float = 1.6
    brake_mps2: float = 1.7
    headway_s: float = 1.3
    gap_m: float = 2.2
    lateral_mps2: float = 2.0
    emergency_mps2: float = 6.0
