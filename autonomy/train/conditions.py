"""Weather and light to learn in, and the conditions in which to stop."""

from math import pi, radians

import numpy as np

from autonomy.world import CAMERA_NAMES, LensFault, Weather


def fair_weather(random: np.random.Generator) -> Weather:
    """Weather in which the car shall drive: any hour, rain, mist; fog only as thin as driving allows."""
    draw = float(random.random())
    azimuth = float(random.uniform(-pi, pi))
    cloud = float(random.random())
    if draw < 0.55:
        return Weather(sun_elevation_rad=float(random.uniform(0.15, 1.1)), sun_azimuth_rad=azimuth, cloud=cloud)
    if draw < 0.7:
        rain = float(random.uniform(0.2, 0.8))
        return Weather(
            rain=rain,
            wet=min(1.0, rain + 0.2),
            visibility_m=float(random.uniform(500, 4000)),
            sun_elevation_rad=float(random.uniform(0.1, 0.9)),
            sun_azimuth_rad=azimuth,
            cloud=max(cloud, 0.7),
        )
    if draw < 0.85:
        return Weather(sun_elevation_rad=radians(-12), sun_azimuth_rad=azimuth, cloud=cloud)
    if draw < 0.93:
        return Weather(sun_elevation_rad=float(random.uniform(0.03, 0.15)), sun_azimuth_rad=azimuth, cloud=cloud * 0.4)
    visibility = float(random.uniform(200, 800))
    return Weather(visibility_m=visibility, sun_elevation_rad=0.5, sun_azimuth_rad=azimuth, cloud=1.0)


def thick_fog(random: np.random.Generator) -> Weather:
    """Weather in which the car shall not drive on."""
    night = bool(random.random() < 0.3)
    return Weather(
        visibility_m=float(random.uniform(12, 40)),
        sun_elevation_rad=radians(-12) if night else 0.5,
        sun_azimuth_rad=float(random.uniform(-pi, pi)),
        cloud=1.0,
    )


def lens_fault(random: np.random.Generator) -> tuple[str, LensFault, float]:
    """(camera, fault, strength 0 to 1): a camera that can't be driven by."""
    camera = str(random.choice(CAMERA_NAMES[:4], p=[0.35, 0.35, 0.15, 0.15]))
    fault = (LensFault.BLACK, LensFault.DIRT, LensFault.BLUR)[int(random.integers(3))]
    return camera, fault, float(random.uniform(0.8, 1.0))
