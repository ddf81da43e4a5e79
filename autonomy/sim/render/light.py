"""Weather and time of day as numbers for the renderer: colours of sky and air, brightness, lamps."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render import layout as at
from autonomy.world.scene import Weather

FAR_M = 150.0
FOG_DIMS = 3.0  # contrast left at the meteorological optical range: exp(-3) = 5 %


def check(weather: Weather) -> None:
    """Raises ValueError naming the field that is out of range."""
    for name in ("rain", "wet", "cloud"):
        value = getattr(weather, name)
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"weather.{name}: {value} is not within 0 and 1")
    if not weather.visibility_m > 0.0:
        raise ValueError(f"weather.visibility_m: {weather.visibility_m} must be above 0")
    for name in ("sun_elevation_rad", "sun_azimuth_rad"):
        if not np.isfinite(getattr(weather, name)):
            raise ValueError(f"weather.{name}: must be finite")


def _mix(a: tuple[float, ...], b: tuple[float, ...], part: float) -> NDArray[np.float64]:
    return np.array(a) * (1 - part) + np.array(b) * part


def environment(weather: Weather, time_s: float) -> NDArray[np.float32]:
    """f4[ENVIRONMENT]. Raises ValueError for weather that can't be."""
    check(weather)
    env = np.zeros(at.ENVIRONMENT)
    day = float(np.clip((weather.sun_elevation_rad + 0.12) / 0.3, 0.0, 1.0))  # 0: night, 1: full day
    low = day * float(np.clip(1.0 - weather.sun_elevation_rad / 0.35, 0.0, 1.0))  # near sunrise and sunset
    grey = max(weather.cloud, min(1.0, weather.rain * 1.2))
    top = _mix(tuple(_mix((86, 140, 206), (132, 140, 150), grey)), (98, 112, 148), low * (1 - grey))
    rim = _mix(tuple(_mix((190, 212, 232), (178, 182, 186), grey)), (246, 196, 138), low * (1 - grey))
    top = _mix((7, 9, 18), tuple(top), day)
    rim = _mix((26, 27, 36), tuple(rim), day)
    dim = 1.0 - 0.25 * weather.rain - 0.1 * weather.cloud
    sun = (1.0 - grey) * day * (0.35 + 0.65 * float(np.clip(weather.sun_elevation_rad / 0.5, 0.0, 1.0)))
    ambient = _mix((0.17, 0.175, 0.22), (0.80, 0.80, 0.82), day) * dim
    if low > 0:
        ambient = ambient * _mix((1, 1, 1), (1.0, 0.9, 0.8), low * (1 - grey))
    fog = min(FOG_DIMS / weather.visibility_m, 1.0)
    haze = _mix((34, 35, 40), (184, 188, 192), day)
    thick = float(np.clip(1.0 - weather.visibility_m / 1000.0, 0.0, 1.0))
    haze = _mix(tuple(rim), tuple(haze), thick)
    env[at.E_FOG] = fog
    env[at.E_FOG_R : at.E_FOG_B + 1] = haze
    env[at.E_AMB_R : at.E_AMB_B + 1] = ambient
    env[at.E_SUN] = 0.32 * sun
    flat = np.cos(weather.sun_elevation_rad)
    env[at.E_SUN_X] = flat * np.cos(weather.sun_azimuth_rad)
    env[at.E_SUN_Y] = flat * np.sin(weather.sun_azimuth_rad)
    env[at.E_SUN_Z] = np.sin(weather.sun_elevation_rad)
    env[at.E_NIGHT] = 1.0 - day
    env[at.E_RAIN], env[at.E_WET] = weather.rain, max(weather.wet, weather.rain)
    env[at.E_TIME] = time_s % 86400.0
    env[at.E_TOP_R : at.E_TOP_B + 1] = _mix(tuple(top), tuple(haze), thick)
    env[at.E_LOW_R : at.E_LOW_B + 1] = _mix(tuple(rim), tuple(haze), thick)
    env[at.E_CLOUD] = weather.cloud * (1 - thick)
    env[at.E_LAMPS] = (1.0 - day) if weather.street_lights else 0.0
    env[at.E_HEAD] = float(np.clip((1.0 - day) + 0.15 * thick + 0.1 * weather.rain, 0.0, 1.0))
    env[at.E_RANGE] = min(FAR_M, 1.6 * weather.visibility_m + 5.0)
    return env.astype(np.float32)
