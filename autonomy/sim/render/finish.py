"""What the lens and the chip do to a picture: glare, rain, noise; and lens faults."""

from math import exp, sin

import numpy as np

from autonomy.sim.render.draw import Picture
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    C_FOCAL,
    C_FX,
    C_FY,
    C_HORIZON,
    C_SEED,
    E_NIGHT,
    E_RAIN,
    E_SUN,
    E_SUN_X,
    E_SUN_Y,
    E_SUN_Z,
    F4,
)
from autonomy.sim.render.paint import grain


@compiled
def finish_row(picture: Picture, v: int, env: F4, camera: F4, frame: int) -> None:
    """Row `v` of u1[3, H, W]: veiling glare of a low sun, rain streaks, and noise by camera, frame number and row."""
    width = picture.shape[2]
    noise = 2.2 + 4.0 * env[E_NIGHT] + 1.0 * env[E_RAIN]
    ahead = env[E_SUN_X] * camera[C_FX] + env[E_SUN_Y] * camera[C_FY]
    glare, su, sv = 0.0, 0.0, 0.0
    if env[E_SUN] > 0.05 and ahead > 0.15 and 0.0 < env[E_SUN_Z] < 0.45:
        left = -env[E_SUN_X] * camera[C_FY] + env[E_SUN_Y] * camera[C_FX]
        su = width / 2 - camera[C_FOCAL] * left / ahead
        sv = camera[C_HORIZON] - camera[C_FOCAL] * env[E_SUN_Z] / ahead
        glare = 150.0 * min(1.0, 4.0 * env[E_SUN]) * (1.0 - env[E_SUN_Z] / 0.45)
    rain, dim = env[E_RAIN], 24.0 * (1.0 - 0.6 * env[E_NIGHT])
    state = int(camera[C_SEED]) * 7919 + frame * 104729 + v * 26699
    state = ((state ^ (state >> 15)) * 1103515245 + 12345) & 0x7FFFFFFF
    state = ((state ^ (state >> 13)) * 1103515245 + 12345) & 0x7FFFFFFF
    for u in range(width):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        add = noise * (((state >> 16) & 255) / 127.5 - 1.0)
        warm = add
        if glare > 0.0:
            d2 = ((u - su) ** 2 + (v - sv) ** 2) / (width * width)
            veil = glare * (0.8 * exp(-d2 * 22.0) + 0.3 * exp(-d2 * 2.5))
            add += veil
            warm += 0.82 * veil
        if rain > 0.05:
            # slanted streaks: long in v, one pixel wide, another place in every frame
            lane = u + v // 7
            drop = grain(lane * 31 + frame * 17, (v + int(9.0 * sin(lane * 1.7))) // 9 + frame * 5)
            if drop > 1.0 - 0.22 * rain:
                add += dim
                warm += dim
        for k in range(3):
            value = float(picture[k, v, u]) + (warm if k == 2 else add)
            picture[k, v, u] = np.uint8(min(max(value, 0.0), 255.0))


@compiled
def blur(picture: Picture, radius: int) -> None:
    """Two passes of a box filter each way: an out-of-focus or misted lens."""
    height, width = picture.shape[1], picture.shape[2]
    line = np.empty(max(height, width), dtype=np.float32)
    for k in range(3):
        for _ in range(2):
            for v in range(height):
                for u in range(width):
                    line[u] = picture[k, v, u]
                for u in range(width):
                    low, high = max(0, u - radius), min(width - 1, u + radius)
                    total = 0.0
                    for n in range(low, high + 1):
                        total += line[n]
                    picture[k, v, u] = np.uint8(total / (high - low + 1))
            for u in range(width):
                for v in range(height):
                    line[v] = picture[k, v, u]
                for v in range(height):
                    low, high = max(0, v - radius), min(height - 1, v + radius)
                    total = 0.0
                    for n in range(low, high + 1):
                        total += line[n]
                    picture[k, v, u] = np.uint8(total / (high - low + 1))


@compiled
def dirt(picture: Picture, level: float, seed: int) -> None:
    """Blots of mud that stay where they are: brown, soft at the edge, more and bigger with the level (0 to 1)."""
    height, width = picture.shape[1], picture.shape[2]
    count = int(4 + 22 * level)
    for n in range(count):
        x = (0.5 + 0.5 * grain(seed + 11 * n, 3)) * width
        y = (0.5 + 0.5 * grain(seed + 11 * n, 5)) * height
        radius = width * (0.03 + 0.07 * level * (0.6 + 0.4 * grain(seed + 11 * n, 7)))
        for v in range(max(0, int(y - 1.4 * radius)), min(height, int(y + 1.4 * radius) + 1)):
            for u in range(max(0, int(x - 1.4 * radius)), min(width, int(x + 1.4 * radius) + 1)):
                d = (((u - x) ** 2 + (v - y) ** 2) ** 0.5) / radius + 0.18 * grain(u // 2 + seed, v // 2 + n)
                cover = min(max(2.4 - 2.4 * d, 0.0), 0.96)
                for k in range(3):
                    mud = 66.0 - 10.0 * k
                    old = float(picture[k, v, u])
                    picture[k, v, u] = np.uint8(old + cover * (mud - old))


@compiled
def dazzle(picture: Picture, level: float) -> None:
    """A lens that looks into a lamp: everything is washed out towards white."""
    height, width = picture.shape[1], picture.shape[2]
    for v in range(height):
        for u in range(width):
            d2 = ((u - 0.5 * width) ** 2 + (v - 0.4 * height) ** 2) / (width * width)
            veil = min(level * (1.1 * exp(-d2 * 9.0) + 0.35), 1.0)
            for k in range(3):
                old = float(picture[k, v, u])
                picture[k, v, u] = np.uint8(old + veil * ((252.0 - 6.0 * k) - old))
