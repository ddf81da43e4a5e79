"""Weather by name, drawn by the seed within what the name means."""

from collections.abc import Callable

import numpy as np

from autonomy.world.scene import Weather

Draw = Callable[[np.random.Generator, float], Weather]


def _clear(random: np.random.Generator, heading: float) -> Weather:
    return Weather(
        sun_elevation_rad=float(random.uniform(0.5, 1.1)),
        sun_azimuth_rad=float(random.uniform(-np.pi, np.pi)),
        cloud=float(random.uniform(0.0, 0.7)),
    )


def _rain(random: np.random.Generator, heading: float) -> Weather:
    rain = float(random.uniform(0.3, 0.65))
    return Weather(rain=rain, wet=1.0, visibility_m=float(random.uniform(600, 3000)), cloud=1.0)


def _cloudburst(random: np.random.Generator, heading: float) -> Weather:
    rain, sight_m = float(random.uniform(0.92, 1.0)), float(random.uniform(150, 300))
    return Weather(rain=rain, wet=1.0, visibility_m=sight_m, cloud=1.0)


def _fog(random: np.random.Generator, heading: float) -> Weather:
    return Weather(visibility_m=float(random.uniform(160, 300)), cloud=1.0, wet=0.3)


def _thick_fog(random: np.random.Generator, heading: float) -> Weather:
    return Weather(visibility_m=float(random.uniform(20, 45)), cloud=1.0, wet=0.5)


def _night(random: np.random.Generator, heading: float) -> Weather:
    return Weather(sun_elevation_rad=float(random.uniform(-0.6, -0.25)), cloud=float(random.uniform(0, 0.8)))


def _unlit_night(random: np.random.Generator, heading: float) -> Weather:
    return Weather(sun_elevation_rad=float(random.uniform(-0.7, -0.35)), cloud=0.9, street_lights=False)


def _low_sun(random: np.random.Generator, heading: float) -> Weather:
    """Nearly straight ahead, a hand's breadth above the horizon."""
    return Weather(
        sun_elevation_rad=float(random.uniform(0.08, 0.2)),
        sun_azimuth_rad=heading + float(random.uniform(-0.2, 0.2)),
        cloud=float(random.uniform(0.0, 0.2)),
        wet=float(random.choice([0.0, 0.8])),
    )


SKIES: dict[str, Draw] = {
    "clear": _clear,
    "rain": _rain,
    "cloudburst": _cloudburst,
    "fog": _fog,
    "thick_fog": _thick_fog,
    "night": _night,
    "unlit_night": _unlit_night,
    "low_sun": _low_sun,
}


def draw_weather(name: str, random: np.random.Generator, heading_rad: float) -> Weather:
    """Raises ValueError for an unknown name. `heading_rad`: where the car looks, for the low sun."""
    if name not in SKIES:
        raise ValueError(f"weather: {name!r} is unknown; known are {', '.join(sorted(SKIES))}")
    return SKIES[name](random, heading_rad)
