"""The smallest strokes of a picture: a span of one column, with fog, light and soft ends."""

from math import ceil, exp

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    C_CAR_COS,
    C_CAR_SIN,
    C_CAR_X,
    C_CAR_Y,
    C_FRONT,
    E_AMB_B,
    E_AMB_G,
    E_AMB_R,
    E_FOG,
    E_FOG_B,
    E_FOG_G,
    E_FOG_R,
    E_HEAD,
    E_LAMPS,
    E_SUN,
    E_SUN_X,
    E_SUN_Y,
    E_SUN_Z,
    F4,
)

Picture = NDArray[np.uint8]
RGB = tuple[float, float, float]


@compiled
def rows(picture: Picture, u: int, top: float, bottom: float, colour: RGB, alpha: float) -> None:
    """Blend a colour into rows `top` to `bottom` (not whole numbers) of column `u` of u1[3, H, W]."""
    height = picture.shape[1]
    first, last = max(top, 0.0), min(bottom, float(height))
    if last <= first:
        return
    for v in range(int(first), int(ceil(last))):
        cover = alpha * (min(v + 1.0, last) - max(float(v), first))
        for k in range(3):
            old = float(picture[k, v, u])
            picture[k, v, u] = np.uint8(min(max(old + cover * (colour[k] - old), 0.0), 255.0))


@compiled
def span(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, t: float, low: float, high: float, colour: RGB
) -> None:
    """An upright strip at depth `t` from height `low` to `high` (m)."""
    scale = focal / t
    rows(picture, u, horizon + (eye - high) * scale, horizon + (eye - low) * scale, colour, 1.0)


@compiled
def fogged(env: F4, t: float, r: float, g: float, b: float) -> RGB:
    """A colour seen through `t` metres of air (Koschmieder)."""
    clear = exp(-env[E_FOG] * t)
    return (
        env[E_FOG_R] + clear * (r - env[E_FOG_R]),
        env[E_FOG_G] + clear * (g - env[E_FOG_G]),
        env[E_FOG_B] + clear * (b - env[E_FOG_B]),
    )


@compiled
def glowing(env: F4, t: float, r: float, g: float, b: float) -> RGB:
    """A lamp's colour through air: light carries further than surfaces do."""
    clear = exp(-0.55 * env[E_FOG] * t)
    return (
        env[E_FOG_R] + clear * (r - env[E_FOG_R]),
        env[E_FOG_G] + clear * (g - env[E_FOG_G]),
        env[E_FOG_B] + clear * (b - env[E_FOG_B]),
    )


@compiled
def head_light(env: F4, camera: F4, x: float, y: float) -> float:
    """The car's own dipped beam at a place on the ground, 0 to 1."""
    if env[E_HEAD] <= 0.0:
        return 0.0
    dx, dy = x - camera[C_CAR_X], y - camera[C_CAR_Y]
    ahead = dx * camera[C_CAR_COS] + dy * camera[C_CAR_SIN] - camera[C_FRONT]
    if ahead <= 0.0 or ahead > 70.0:
        return 0.0
    aside = abs(-dx * camera[C_CAR_SIN] + dy * camera[C_CAR_COS]) / (1.6 + 0.38 * ahead)
    if aside >= 1.0:
        return 0.0
    return float(env[E_HEAD] * (1.0 - aside * aside) * min(1.0, 0.3 + 0.2 * ahead) / (1.0 + (ahead / 26.0) ** 2))


@compiled
def light_at(env: F4, camera: F4, x: float, y: float, lamp: float) -> RGB:
    """What falls on a thing without the direct sun: factors of its colour. lamp: street lamps' light, 0 to 1."""
    extra = 1.0 * head_light(env, camera, x, y)
    street = 0.8 * env[E_LAMPS] * lamp
    return (
        env[E_AMB_R] + extra + street,
        env[E_AMB_G] + extra + street * 0.86,
        env[E_AMB_B] + 0.92 * extra + street * 0.62,
    )


@compiled
def sun_on(env: F4, nx: float, ny: float, nz: float) -> float:
    """Direct sun on a face with this normal."""
    return float(env[E_SUN] * max(nx * env[E_SUN_X] + ny * env[E_SUN_Y] + nz * env[E_SUN_Z], 0.0))


@compiled
def surface(env: F4, t: float, light: RGB, sun: float, r: float, g: float, b: float) -> RGB:
    """The colour of a lit surface as the camera gets it."""
    return fogged(
        env,
        t,
        min(r * (light[0] + sun), 255.0),
        min(g * (light[1] + sun), 255.0),
        min(b * (light[2] + 0.92 * sun), 255.0),
    )
