"""Comfort of a stretch of driving, by the bounds that nuPlan and NAVSIM use."""

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
ACCEL_MPS2 = (-4.05, 2.40)
LATERAL_MPS2 = 4.89
JERK_MPS3 = 8.37
ALONG_JERK_MPS3 = 4.13
YAW_RATE_RAD_S = 0.95
YAW_ACCEL_RAD_S2 = 1.93
SMOOTH_S = 0.5


def comfortable(speed: F8, heading: F8, dt_s: float) -> bool:
    """speed f8[K], heading f8[K] at even times. Derivatives are those of a running mean over `SMOOTH_S`, as nuPlan
    smooths before it differentiates."""
    if len(speed) < 4:
        return True
    reach = max(round(SMOOTH_S / dt_s), 1)
    v, yaw = _mean(speed, reach), _mean(np.unwrap(heading), reach)
    accel, rate = np.gradient(v, dt_s), np.gradient(yaw, dt_s)
    side = v * rate
    jerk = np.gradient(_mean(accel, reach), dt_s)
    whole = np.hypot(jerk, np.gradient(_mean(side, reach), dt_s))
    turn = np.gradient(_mean(rate, reach), dt_s)
    return bool(
        accel.min() >= ACCEL_MPS2[0]
        and accel.max() <= ACCEL_MPS2[1]
        and np.abs(side).max() <= LATERAL_MPS2
        and np.abs(jerk).max() <= ALONG_JERK_MPS3
        and whole.max() <= JERK_MPS3
        and np.abs(rate).max() <= YAW_RATE_RAD_S
        and np.abs(turn).max() <= YAW_ACCEL_RAD_S2
    )


def _mean(values: F8, reach: int) -> F8:
    """Running mean over `reach` values, the ends repeated."""
    padded = np.pad(values, (reach // 2, reach - 1 - reach // 2), mode="edge")
    smooth: F8 = np.convolve(padded, np.full(reach, 1.0 / reach), mode="valid")
    return smooth
