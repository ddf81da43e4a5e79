"""Do the brakes do what they are told? The braking that was asked for is held against the one that came.

Both are low-passed alike, so that the lag of the brakes does not count. What came while more was asked for is what the
brakes can do: RSS reckons with that from then on, and a car that can't brake well is taken off the road.
"""

from dataclasses import dataclass
from math import exp

LAG_S = 0.5
SMOOTH_S = 0.4
ASKED_MPS2 = 2.0
SHORT_PART = 0.7
SHORT_S = 0.4
MOVING_MPS = 1.0


@dataclass(frozen=True, slots=True)
class BrakeState:
    """able_mps2: what the brakes can do, as far as is known (infinite: nothing else was seen yet)."""

    at_s: float | None = None
    asked: float = 0.0
    came: float = 0.0
    asks_since_s: float | None = None
    short_since_s: float | None = None
    able_mps2: float = float("inf")

    @property
    def weak(self) -> bool:
        return self.able_mps2 < float("inf")


def feel_brakes(
    state: BrakeState, *, now_s: float, asked_mps2: float, accel_mps2: float, speed_mps: float
) -> BrakeState:
    """`asked_mps2`: braking that was asked for since the last call (0: none); `accel_mps2`: what the car feels."""
    if state.at_s is None or now_s <= state.at_s:
        return BrakeState(now_s, able_mps2=state.able_mps2)
    keep = exp(-(now_s - state.at_s) / SMOOTH_S)
    asked = state.asked * keep + asked_mps2 * (1 - keep)
    came = state.came * keep + max(-accel_mps2, 0.0) * (1 - keep)
    asks = None
    if asked_mps2 >= ASKED_MPS2 and speed_mps > MOVING_MPS:
        asks = now_s if state.asks_since_s is None else state.asks_since_s
    short = None
    if asks is not None and now_s - asks >= LAG_S and came < SHORT_PART * asked:
        short = now_s if state.short_since_s is None else state.short_since_s
    able = state.able_mps2
    if short is not None and now_s - short >= SHORT_S - 1e-9:
        able = min(able, max(came, -accel_mps2, 0.3))
    return BrakeState(now_s, asked, came, asks, short, able)
