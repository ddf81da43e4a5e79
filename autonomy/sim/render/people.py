"""People and animals as figures turned to the camera; `w`: how far right of the middle the column meets them (m)."""

from math import cos, sin, sqrt

from autonomy.sim.render.draw import RGB, Picture, glowing, span, surface
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import E_TIME, F4, T_B, T_G, T_H, T_HALF_L, T_LIGHTS, T_R, T_SEED

GESTURE_STOP, GESTURE_GO = 32, 64
SKIN = (206.0, 160.0, 130.0)


@compiled
def disc(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, t: float, w: float, middle: float,
    radius: float, colour: RGB,
) -> None:  # fmt: skip
    if abs(w) < radius:
        half = sqrt(radius * radius - w * w)
        span(picture, u, horizon, focal, eye, t, middle - half, middle + half, colour)


@compiled
def draw_person(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float, officer: bool,
) -> None:  # fmt: skip
    """A walker, or an officer in a yellow vest whose arms tell the traffic to stop or to go."""
    h, lights = thing[T_H], int(thing[T_LIGHTS])
    soft = 0.35 * t / focal  # half a pixel: what is thin stays visible
    r, g, b = thing[T_R], thing[T_G], thing[T_B]
    if officer:
        r, g, b = 222.0, 236.0, 40.0
    swing = sin(6.0 * env[E_TIME] + thing[T_SEED] * 2.0) * 0.13
    legs = surface(env, t, light, 0.1, 44.0, 46.0, 62.0)
    for k in range(2):
        foot = swing if k == 0 else -swing
        if abs(w - 0.55 * foot - (0.09 if k == 0 else -0.09)) < 0.085 + soft:
            span(picture, u, horizon, focal, eye, t, 0.0, 0.5 * h, legs)
    coat = surface(env, t, light, 0.16, r, g, b)
    body = 0.215 + soft
    if abs(w) < body:
        span(picture, u, horizon, focal, eye, t, 0.44 * h, 0.83 * h, coat)
        if officer:
            band = glowing(env, t, 236.0, 236.0, 236.0)
            span(picture, u, horizon, focal, eye, t, 0.58 * h, 0.63 * h, band)
    sleeve = surface(env, t, light, 0.1, 0.8 * r, 0.8 * g, 0.8 * b)
    if lights & GESTURE_STOP and officer:  # both arms: one straight up, one held out, red palms
        if abs(w - 0.27) < 0.07 + soft:
            span(picture, u, horizon, focal, eye, t, 0.74 * h, 1.16 * h, sleeve)
        red = glowing(env, t, 240.0, 26.0, 24.0)
        disc(picture, u, horizon, focal, eye, t, w - 0.27, 1.24 * h, 0.17 + soft, red)
        if 0.18 < -w < 0.72:
            span(picture, u, horizon, focal, eye, t, 0.74 * h, 0.82 * h, sleeve)
        disc(picture, u, horizon, focal, eye, t, w + 0.78, 0.78 * h, 0.15 + soft, red)
    elif lights & GESTURE_GO and officer:  # arms sweep the way on, green batons
        sweep = 0.42 + 0.16 * cos(5.0 * env[E_TIME])
        green = glowing(env, t, 30.0, 235.0, 110.0)
        for k in range(2):
            out = w if k == 0 else -w
            if 0.16 < out < 0.62:
                rise = (out - 0.16) * (sweep - 0.42) * 2.0
                span(picture, u, horizon, focal, eye, t, 0.72 * h + rise, 0.80 * h + rise, sleeve)
            disc(picture, u, horizon, focal, eye, t, out - 0.74, 0.76 * h + 1.1 * (sweep - 0.42), 0.14 + soft, green)
    elif 0.2 < abs(w) < 0.30 + soft:
        span(picture, u, horizon, focal, eye, t, 0.46 * h, 0.80 * h, sleeve)
    skin = surface(env, t, light, 0.1, SKIN[0], SKIN[1], SKIN[2])
    disc(picture, u, horizon, focal, eye, t, w, 0.915 * h, 0.125 + 0.7 * soft, skin)
    if abs(w) < 0.11 + 0.7 * soft:
        hair = 0.5 + 0.5 * sin(thing[T_SEED] * 9.0)
        colour = surface(env, t, light, 0.0, 40.0 + 90.0 * hair, 30.0 + 60.0 * hair, 24.0 + 30.0 * hair)
        if officer:
            colour = surface(env, t, light, 0.3, 245.0, 245.0, 245.0)
        span(picture, u, horizon, focal, eye, t, 0.95 * h, 1.0 * h, colour)


@compiled
def draw_cyclist(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float, broad: float,
) -> None:  # fmt: skip
    """A rider on a bicycle. broad: 0 seen from before or behind, +-1 from the side, + riding to the picture's right."""
    h = thing[T_H]
    soft = 0.35 * t / focal
    side = abs(broad)
    black = surface(env, t, light, 0.0, 22.0, 22.0, 24.0)
    base = 0.52 * side * thing[T_HALF_L] / 0.9
    radius = 0.34
    for k in range(2):
        off = abs(w - (base if k == 0 else -base)) / max(side, 0.12)
        reach = radius * max(side, 0.14) + soft
        if abs(w - (base if k == 0 else -base)) < reach:
            inner = min(off, radius * 0.999)
            half = sqrt(radius * radius - inner * inner)
            rim = 0.05 + soft
            if off < radius - 0.07 and side > 0.35:
                span(picture, u, horizon, focal, eye, t, radius - half, radius - half + rim, black)
                span(picture, u, horizon, focal, eye, t, radius + half - rim, radius + half, black)
            else:
                span(picture, u, horizon, focal, eye, t, radius - half, radius + half, black)
    r, g, b = thing[T_R], thing[T_G], thing[T_B]
    frame = surface(env, t, light, 0.1, 190.0, 40.0, 40.0)
    if abs(w) < base + soft:
        span(picture, u, horizon, focal, eye, t, 0.52, 0.60 + soft, frame)
    lean = broad * 0.16
    legs = surface(env, t, light, 0.0, 40.0, 44.0, 66.0)
    pedal = sin(7.0 * env[E_TIME] + thing[T_SEED]) * 0.1
    if abs(w + 0.06 * broad) < 0.10 + 0.06 * side + soft:
        span(picture, u, horizon, focal, eye, t, 0.30 + pedal, 0.58 * h, legs)
    coat = surface(env, t, light, 0.16, r, g, b)
    if abs(w - 0.5 * lean) < 0.20 + 0.03 * side + soft:
        span(picture, u, horizon, focal, eye, t, 0.52 * h, 0.86 * h, coat)
    if side > 0.3 and 0.0 < (w - 0.5 * lean) * (1.0 if broad > 0 else -1.0) < 0.5 * side:
        span(picture, u, horizon, focal, eye, t, 0.62 * h, 0.69 * h, coat)
    if side <= 0.35 and abs(w) < 0.07 + soft:  # from behind or before: the wheel below the rider, with its lamp
        span(picture, u, horizon, focal, eye, t, 0.0, 0.72, black)
        lamp = glowing(env, t, 255.0, 40.0, 30.0)
        span(picture, u, horizon, focal, eye, t, 0.74, 0.88 + soft, lamp)
    helmet = surface(env, t, light, 0.2, 240.0, 240.0, 236.0)
    skin = surface(env, t, light, 0.1, SKIN[0], SKIN[1], SKIN[2])
    disc(picture, u, horizon, focal, eye, t, w - lean, 0.92 * h, 0.125 + 0.7 * soft, skin)
    if abs(w - lean) < 0.125 + soft:
        span(picture, u, horizon, focal, eye, t, 0.94 * h, 1.01 * h, helmet)


@compiled
def draw_animal(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float, broad: float,
) -> None:  # fmt: skip
    """A deer or a dog: a body on four legs with a raised head."""
    h, hl = thing[T_H], thing[T_HALF_L]
    soft = 0.35 * t / focal
    side = max(abs(broad), 0.3)
    coat = surface(env, t, light, 0.1, thing[T_R], thing[T_G], thing[T_B])
    dark = surface(env, t, light, 0.0, 0.6 * thing[T_R], 0.6 * thing[T_G], 0.6 * thing[T_B])
    half = hl * 0.75 * side
    for k in range(4):
        leg = half * (0.85 - 0.25 * (k % 2)) * (1.0 if k < 2 else -1.0)
        if abs(w - leg) < 0.05 + soft:
            span(picture, u, horizon, focal, eye, t, 0.0, 0.5 * h, dark)
    if abs(w) < half + soft:
        bulge = sqrt(max(1.0 - (w / (half + soft)) ** 2, 0.0))
        span(picture, u, horizon, focal, eye, t, (0.56 - 0.14 * bulge) * h, (0.62 + 0.14 * bulge) * h, coat)
    ahead = 1.0 if broad >= 0 else -1.0
    if abs(w - ahead * half * 0.95) < 0.09 + soft:
        span(picture, u, horizon, focal, eye, t, 0.6 * h, 0.96 * h, coat)
    disc(picture, u, horizon, focal, eye, t, w - ahead * (half * 1.05 + 0.05), 0.92 * h, 0.13 + soft, coat)
