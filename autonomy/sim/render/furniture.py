"""Signals, cones, barriers, signs, trees and posts: what stands in or beside the road."""

from math import sqrt

from autonomy.sim.render.draw import RGB, Picture, glowing, span, surface
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    E_LAMPS,
    E_NIGHT,
    E_TIME,
    F4,
    T_B,
    T_G,
    T_H,
    T_HALF_L,
    T_HALF_W,
    T_LIGHTS,
    T_R,
    T_SEED,
    T_Z,
)
from autonomy.sim.render.paint import grain
from autonomy.sim.render.people import disc

CONE, BARRIER, SIGN_WORKS, DEBRIS, TREE, POLE, CAR_DOOR = 9, 10, 11, 12, 13, 14, 15
GREEN, AMBER, RED = 1, 2, 3


@compiled
def draw_signal(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float, facing: float,
) -> None:  # fmt: skip
    """Three lamps in a dark housing with a pale edge; its back is plain. facing: cosine to the camera."""
    z, state = thing[T_Z], int(thing[T_LIGHTS])
    soft = 0.35 * t / focal
    pole = surface(env, t, light, 0.1, 88.0, 90.0, 94.0)
    if z < 3.6 and abs(w) < 0.08 + soft:
        span(picture, u, horizon, focal, eye, t, 0.0, z, pole)
    if z >= 3.6 and abs(w) < 0.035 + soft:  # hangs from a wire
        span(picture, u, horizon, focal, eye, t, z, z + 1.7, pole)
    half_w, half_h = 0.42 * max(abs(facing), 0.35), 1.05
    if abs(w) > half_w + soft:
        return
    if facing > 0.55:  # hoods hide the lamps from the side
        edge = surface(env, t, light, 0.1, 206.0, 206.0, 200.0)
        span(picture, u, horizon, focal, eye, t, z - half_h - 0.06, z + half_h + 0.06, edge)
        if abs(w) < half_w - 0.05 + soft:
            span(
                picture,
                u,
                horizon,
                focal,
                eye,
                t,
                z - half_h,
                z + half_h,
                surface(env, t, light, 0.0, 14.0, 15.0, 16.0),
            )
        glow = 0.006 * t + 0.06 * env[E_NIGHT]
        radius = (0.29 + glow) * max(facing, 0.35)
        if state == RED:
            disc(picture, u, horizon, focal, eye, t, w, z + 0.66, radius, glowing(env, t, 255.0, 28.0, 20.0))
        elif state == AMBER:
            disc(picture, u, horizon, focal, eye, t, w, z, radius, glowing(env, t, 255.0, 176.0, 10.0))
        elif state == GREEN:
            disc(picture, u, horizon, focal, eye, t, w, z - 0.66, radius, glowing(env, t, 20.0, 242.0, 120.0))
    else:
        span(picture, u, horizon, focal, eye, t, z - half_h, z + half_h, surface(env, t, light, 0.0, 40.0, 42.0, 44.0))


@compiled
def draw_tree(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float,
) -> None:  # fmt: skip
    h, wide = thing[T_H], thing[T_HALF_W]
    if abs(w) < 0.14 + 0.3 * t / focal:
        span(picture, u, horizon, focal, eye, t, 0.0, 0.5 * h, surface(env, t, light, 0.05, 74.0, 56.0, 42.0))
    if abs(w) >= wide:
        return
    middle, tall = 0.66 * h, 0.34 * h
    half = tall * sqrt(1.0 - (w / wide) ** 2)
    cell = int(w * 2.2 + 40.0)
    seed = int(thing[T_SEED])
    half *= 0.93 + 0.07 * grain(cell, seed)
    tint = 9.0 * grain(cell, seed + 3)
    r, g, b = thing[T_R] + tint, thing[T_G] + tint, thing[T_B] + 0.5 * tint
    shade = 0.75
    for k in range(4):  # lighter towards the top
        low, high = middle - half + 0.5 * half * k, middle - half + 0.5 * half * (k + 1)
        spot = shade + 0.10 * grain(cell, 7 * k + seed)
        span(picture, u, horizon, focal, eye, t, low, high, surface(env, t, light, 0.16, r * spot, g * spot, b * spot))
        shade += 0.13


@compiled
def draw_post(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float, reach: float,
) -> None:  # fmt: skip
    """A street lamp; reach: how far to the picture's right its arm goes (m)."""
    soft = 0.3 * t / focal
    h = thing[T_H]
    grey = surface(env, t, light, 0.1, thing[T_R], thing[T_G], thing[T_B])
    if abs(w) < 0.07 + soft:
        span(picture, u, horizon, focal, eye, t, 0.0, h, grey)
    low, high = min(0.0, reach), max(0.0, reach)
    if low - soft < w < high + soft:
        span(picture, u, horizon, focal, eye, t, h - 0.06 - soft, h + 0.06, grey)
        if env[E_LAMPS] > 0.0 and abs(w - reach) < 0.4 + 2 * soft:
            span(
                picture,
                u,
                horizon,
                focal,
                eye,
                t,
                h - 0.22 - soft,
                h + 0.08 + soft,
                glowing(env, t, 255.0, 226.0, 170.0),
            )


@compiled
def draw_small(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    w: float, kind: int,
) -> None:  # fmt: skip
    """Cones, signs, poles: figures turned to the camera."""
    h = thing[T_H]
    soft = 0.3 * t / focal
    if kind == CONE:
        half = thing[T_HALF_W]
        if abs(w) < half:
            black = surface(env, t, light, 0.0, 30.0, 30.0, 30.0)
            span(picture, u, horizon, focal, eye, t, 0.0, 0.06 * h, black)
        body = 0.8 * half
        if abs(w) < body + soft:
            top = h * (1.0 - 0.9 * max(abs(w) - soft, 0.0) / body)
            orange = surface(env, t, light, 0.25, 255.0, 96.0, 14.0)
            span(picture, u, horizon, focal, eye, t, 0.05 * h, top, orange)
            if top > 0.36 * h:
                white = surface(env, t, light, 0.3, 245.0, 245.0, 245.0)
                span(picture, u, horizon, focal, eye, t, 0.34 * h, min(0.56 * h, top), white)
    elif kind == SIGN_WORKS:
        if abs(w) < 0.05 + soft:
            span(picture, u, horizon, focal, eye, t, 0.0, 0.5 * h, surface(env, t, light, 0.0, 96.0, 98.0, 100.0))
        half = max(thing[T_HALF_W], 0.4)
        low, tall = 0.42 * h, 0.58 * h
        if abs(w) < half:
            part = 1.0 - abs(w) / half
            span(
                picture,
                u,
                horizon,
                focal,
                eye,
                t,
                low,
                low + tall * part,
                surface(env, t, light, 0.2, 214.0, 26.0, 28.0),
            )
            if abs(w) < 0.66 * half:
                part = 1.0 - abs(w) / (0.66 * half)
                inner = low + 0.12 * tall
                yellow = surface(env, t, light, 0.25, 252.0, 214.0, 60.0)
                span(picture, u, horizon, focal, eye, t, inner, inner + 0.62 * tall * part, yellow)
                if abs(w) < 0.14 * half + soft:
                    black = surface(env, t, light, 0.0, 20.0, 20.0, 20.0)
                    span(picture, u, horizon, focal, eye, t, low + 0.18 * tall, low + 0.48 * tall, black)
    elif abs(w) < max(thing[T_HALF_W], 0.05) + soft:
        colour = surface(env, t, light, 0.1, thing[T_R], thing[T_G], thing[T_B])
        span(picture, u, horizon, focal, eye, t, 0.0, h, colour)


@compiled
def draw_board(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    px: float, py: float, sun: float, kind: int,
) -> None:  # fmt: skip
    """What is a box: barriers with red and white stripes, doors, debris. px, py: where the ray meets it."""
    h, z = thing[T_H], thing[T_Z]
    if kind == BARRIER:
        along = px if thing[T_HALF_L] > thing[T_HALF_W] else py
        leg = surface(env, t, light, 0.0, 70.0, 70.0, 72.0)
        if abs(abs(along) - 0.8 * max(thing[T_HALF_L], thing[T_HALF_W])) < 0.09:
            span(picture, u, horizon, focal, eye, t, 0.0, h, leg)
        red = int((along + 50.0) / 0.36) % 2 == 0
        colour = (
            surface(env, t, light, sun + 0.1, 222.0, 30.0, 32.0)
            if red
            else surface(env, t, light, sun + 0.1, 244.0, 244.0, 244.0)
        )
        span(picture, u, horizon, focal, eye, t, 0.5 * h, h, colour)
        if (env[E_TIME] + thing[T_SEED]) % 1.0 < 0.5 and abs(
            abs(along) - 0.8 * max(thing[T_HALF_L], thing[T_HALF_W])
        ) < 0.12:
            span(picture, u, horizon, focal, eye, t, h, h + 0.2, glowing(env, t, 255.0, 176.0, 20.0))
    elif kind == DEBRIS:
        top = h * (0.75 + 0.25 * grain(int(px * 4.0 + 40.0), int(py * 4.0 + 40.0)))
        tint = 1.0 + 0.25 * grain(int(px * 6.0 + 50.0), int(py * 6.0 + 50.0))
        r, g, b = thing[T_R] * tint, thing[T_G] * tint, thing[T_B] * tint
        span(picture, u, horizon, focal, eye, t, z, z + top, surface(env, t, light, sun, r, g, b))
    else:
        colour = surface(env, t, light, sun, thing[T_R], thing[T_G], thing[T_B])
        span(picture, u, horizon, focal, eye, t, z, z + h, colour)
        if kind == CAR_DOOR:
            span(
                picture,
                u,
                horizon,
                focal,
                eye,
                t,
                z + 0.58 * h,
                z + 0.92 * h,
                surface(env, t, light, 0.0, 46.0, 56.0, 66.0),
            )
