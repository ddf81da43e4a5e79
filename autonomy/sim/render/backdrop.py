"""What lies behind all things: sky, painted ground, buildings."""

from math import exp, sin, sqrt

import numpy as np

from autonomy.sim.render.draw import (
    RGB,
    Picture,
    fogged,
    glowing,
    light_at,
    rows,
    span,
    sun_on,
    surface,
)
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    E_AMB_B,
    E_AMB_G,
    E_AMB_R,
    E_CLOUD,
    E_LOW_B,
    E_LOW_G,
    E_LOW_R,
    E_NIGHT,
    E_RANGE,
    E_SUN,
    E_SUN_X,
    E_SUN_Y,
    E_SUN_Z,
    E_TOP_B,
    E_TOP_G,
    E_TOP_R,
    E_WET,
    F4,
    I4,
    TEXEL_M,
    TILE_TEXELS,
    W_B,
    W_DX,
    W_DY,
    W_G,
    W_HEIGHT,
    W_LENGTH,
    W_R,
    W_SEED,
    W_X,
    W_Y,
    Ground,
    Walls,
)
from autonomy.sim.render.paint import grain

YARD_PACKED = 126 | (128 << 8) | (104 << 16)
STOREY_M = 3.1


@compiled
def texel(ground: Ground, x: float, y: float, level: int) -> int:
    """The ground's packed colour at a place; level 0 to 2 are the tiles' levels, 3 the picture of the whole."""
    gx, gy = x - ground.frame[0], y - ground.frame[1]
    if gx < 0.0 or gy < 0.0:
        return YARD_PACKED
    if level < 3:
        i, j = int(gx / ground.frame[2]), int(gy / ground.frame[2])
        if i < ground.slot_of.shape[1] and j < ground.slot_of.shape[0]:
            slot = ground.slot_of[j, i]
            if slot >= 0:
                side = TILE_TEXELS >> level
                size = TEXEL_M * (1 << level)
                a = min(int((gx - i * ground.frame[2]) / size), side - 1)
                b = min(int((gy - j * ground.frame[2]) / size), side - 1)
                base = 0
                if level >= 1:
                    base += TILE_TEXELS * TILE_TEXELS
                if level >= 2:
                    base += TILE_TEXELS * TILE_TEXELS // 4
                return int(ground.pool[slot, base + b * side + a])
    i, j = int(gx / ground.frame[3]), int(gy / ground.frame[3])
    if i >= ground.coarse.shape[1] or j >= ground.coarse.shape[0]:
        return YARD_PACKED
    return int(ground.coarse[j, i])


@compiled
def lamp_at(ground: Ground, x: float, y: float) -> float:
    """Street lamps' light at a place, 0 to 1."""
    gx, gy = x - ground.frame[0], y - ground.frame[1]
    i, j = int(gx / ground.frame[3]), int(gy / ground.frame[3])
    if gx < 0.0 or gy < 0.0 or i >= ground.lamps.shape[1] or j >= ground.lamps.shape[0]:
        return 0.0
    return float(ground.lamps[j, i]) / 255.0


@compiled
def draw_ground(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, camera: F4, ground: Ground,
    dir_x: float, dir_y: float, near_wall: float,
) -> None:  # fmt: skip
    """Rows below the horizon, out to the nearest wall. Far rows take several samples along the ray."""
    height = picture.shape[1]
    first = max(int(horizon), 0)
    x0, y0 = camera[0], camera[1]
    night = env[E_NIGHT]
    sun = sun_on(env, 0.0, 0.0, 1.0)
    wet = env[E_WET]
    dark = 1.0 - 0.38 * wet
    light = (env[E_AMB_R], env[E_AMB_G], env[E_AMB_B])
    for v in range(first, height):
        below = v + 0.5 - horizon
        below = max(below, 0.2)
        t = focal * eye / below
        if t > near_wall:
            continue
        if t > env[E_RANGE] * 1.5:
            r, g, b = fogged(env, t, 118.0 * light[0], 122.0 * light[1], 108.0 * light[2])
        else:
            across = t / focal
            deep = t * t / (focal * eye)
            level = 0 if across < 0.3 else 1 if across < 0.6 else 2 if across < 1.2 else 3
            samples = min(max(int(deep / max(across, TEXEL_M)), 1), 4)
            r, g, b = 0.0, 0.0, 0.0
            for k in range(samples):
                at = t + deep * ((k + 0.5) / samples - 0.5)
                packed = texel(ground, x0 + at * dir_x, y0 + at * dir_y, level)
                r += packed & 255
                g += (packed >> 8) & 255
                b += (packed >> 16) & 255
            share = dark / samples
            r, g, b = r * share, g * share, b * share
            x, y = x0 + t * dir_x, y0 + t * dir_y
            if night > 0.0:
                light = light_at(env, camera, x, y, lamp_at(ground, x, y))
            if wet > 0.0:
                mirror = 0.5 * wet * t / (t + 14.0)
                r += mirror * (env[E_LOW_R] - r)
                g += mirror * (env[E_LOW_G] - g)
                b += mirror * (env[E_LOW_B] - b)
            r, g, b = surface(env, t, light, sun, r, g, b)
        picture[0, v, u] = np.uint8(min(max(r, 0.0), 255.0))
        picture[1, v, u] = np.uint8(min(max(g, 0.0), 255.0))
        picture[2, v, u] = np.uint8(min(max(b, 0.0), 255.0))


@compiled
def draw_sky(
    picture: Picture,
    u: int,
    horizon: float,
    focal: float,
    env: F4,
    dir_x: float,
    dir_y: float,
    azimuth: float,
    last: int,
) -> None:
    """Rows above the horizon down to row `last`: a gradient, clouds, the sun and its glow."""
    height = picture.shape[1]
    flat = dir_x * dir_x + dir_y * dir_y
    for v in range(min(last, height)):
        rise = max((horizon - v - 0.5) / focal, 0.0)
        e = rise / sqrt(flat)
        part = 1.0 - exp(-3.2 * e)
        r = env[E_LOW_R] + part * (env[E_TOP_R] - env[E_LOW_R])
        g = env[E_LOW_G] + part * (env[E_TOP_G] - env[E_LOW_G])
        b = env[E_LOW_B] + part * (env[E_TOP_B] - env[E_LOW_B])
        if env[E_CLOUD] > 0.02:
            q = 1.0 / (e + 0.16)
            n = sin(azimuth * 4.3 + q) * sin(azimuth * 2.3 - 1.3 * q + 2.0) + 0.5 * sin(azimuth * 7.9 + 2.3 * q)
            veil = min(max(0.6 * n + 1.7 * env[E_CLOUD] - 0.75, 0.0), 1.0) * 0.7 * (1.0 - env[E_NIGHT])
            r += veil * (226.0 - 60.0 * env[E_CLOUD] - r)
            g += veil * (228.0 - 58.0 * env[E_CLOUD] - g)
            b += veil * (232.0 - 54.0 * env[E_CLOUD] - b)
        if env[E_SUN] > 0.02:
            dot = (dir_x * env[E_SUN_X] + dir_y * env[E_SUN_Y] + rise * env[E_SUN_Z]) / sqrt(flat + rise * rise)
            if dot > 0.8:
                glow = exp(-(1.0 - dot) * 45.0) * min(1.0, 3.0 * env[E_SUN])
                if dot > 0.9985:
                    glow = 1.0
                r += glow * (255.0 - r)
                g += glow * (248.0 - g)
                b += glow * (226.0 - b)
        picture[0, v, u] = np.uint8(min(max(r, 0.0), 255.0))
        picture[1, v, u] = np.uint8(min(max(g, 0.0), 255.0))
        picture[2, v, u] = np.uint8(min(max(b, 0.0), 255.0))


@compiled
def march(
    walls: Walls, x: float, y: float, dir_x: float, dir_y: float, eye: float, reach: float, hit_t: F4,
    hit_wall: I4, most: int,
) -> int:  # fmt: skip
    """Walls that a ray can see, nearest first, each topping the one before. Depths go to `hit_t`, numbers to `hit_wall`."""
    rows_, columns = walls.shape[0], walls.shape[1]
    if len(walls.table) == 0:
        return 0
    cell = walls.frame[2]
    px, py = (x - walls.frame[0]) / cell, (y - walls.frame[1]) / cell
    gx, gy = dir_x / cell, dir_y / cell
    i, j = int(np.floor(px)), int(np.floor(py))
    step_i, step_j = (1 if gx > 0 else -1), (1 if gy > 0 else -1)
    huge = 1.0e9
    next_x = ((i + (1 if gx > 0 else 0)) - px) / gx if abs(gx) > 1e-12 else huge
    next_y = ((j + (1 if gy > 0 else 0)) - py) / gy if abs(gy) > 1e-12 else huge
    delta_x = abs(1.0 / gx) if abs(gx) > 1e-12 else huge
    delta_y = abs(1.0 / gy) if abs(gy) > 1e-12 else huge
    entry, found, slope = 0.0, 0, -1.0e9
    while entry < reach and found < most:
        leave = min(next_x, next_y)
        if 0 <= i < columns and 0 <= j < rows_:
            for at in range(walls.start[j * columns + i], walls.start[j * columns + i + 1]):
                number = walls.member[at]
                wx, wy = walls.table[number, W_X] - x, walls.table[number, W_Y] - y
                wdx, wdy = walls.table[number, W_DX], walls.table[number, W_DY]
                across = dir_x * wdy - dir_y * wdx
                if abs(across) < 1e-9:
                    continue
                t = (wx * wdy - wy * wdx) / across
                if t < max(entry, 0.1) or t >= leave or t > reach:
                    continue
                s = (wx * dir_y - wy * dir_x) / across
                if s < 0.0 or s > walls.table[number, W_LENGTH]:
                    continue
                top = (walls.table[number, W_HEIGHT] - eye) / t
                # keep the list ordered by depth; a cell holds few walls
                place = found
                while place > 0 and hit_t[place - 1] > t:
                    place -= 1
                if place > 0:
                    before = hit_wall[place - 1]
                    if (walls.table[before, W_HEIGHT] - eye) / hit_t[place - 1] >= top:
                        continue
                if found < most:
                    found += 1
                for k in range(found - 1, place, -1):
                    hit_t[k], hit_wall[k] = hit_t[k - 1], hit_wall[k - 1]
                if place < most:
                    hit_t[place], hit_wall[place] = t, number
                slope = max(slope, top)
        entry = leave
        if slope * 1.0 > 2.5:
            break
        if next_x < next_y:
            i += step_i
            next_x += delta_x
        else:
            j += step_j
            next_y += delta_y
    return found


@compiled
def draw_wall(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, camera: F4, ground: Ground, wall: F4,
    t: float, dir_x: float, dir_y: float,
) -> None:  # fmt: skip
    """A facade with rows of windows, a plinth and a cornice; some windows are lit at night."""
    x, y = camera[0] + t * dir_x, camera[1] + t * dir_y
    s = (x - wall[W_X]) * wall[W_DX] + (y - wall[W_Y]) * wall[W_DY]
    nx, ny = wall[W_DY], -wall[W_DX]
    if nx * dir_x + ny * dir_y > 0.0:
        nx, ny = -nx, -ny
    sun = sun_on(env, nx, ny, 0.0)
    light: RGB = (env[E_AMB_R], env[E_AMB_G], env[E_AMB_B])
    if env[E_NIGHT] > 0.0:
        light = light_at(env, camera, x, y, 0.7 * lamp_at(ground, x + nx, y + ny))
    side = 0.90 + 0.08 * abs(nx)
    r, g, b = wall[W_R] * side, wall[W_G] * side, wall[W_B] * side
    h = wall[W_HEIGHT]
    scale = focal / t
    span(picture, u, horizon, focal, eye, t, 0.0, h, surface(env, t, light, sun, r, g, b))
    span(picture, u, horizon, focal, eye, t, h - 0.5, h, surface(env, t, light, sun, 0.7 * r, 0.66 * g, 0.64 * b))
    span(picture, u, horizon, focal, eye, t, 0.0, 0.5, surface(env, t, light, sun, 0.62 * r, 0.62 * g, 0.62 * b))
    if scale < 1.6:
        return
    bay = 2.7
    number = int(s / bay)
    inside = s - number * bay
    if inside < 0.75 or inside > 2.05 or s < 0.6 or s > wall[W_LENGTH] - 0.6:
        return
    pane = surface(env, t, light, 0.25 * sun, 66.0, 76.0, 88.0)
    frame = surface(env, t, light, sun, min(1.18 * r, 245.0), min(1.18 * g, 245.0), min(1.18 * b, 245.0))
    storeys = int((h - 0.6) / STOREY_M)
    for k in range(storeys):
        low = k * STOREY_M + 1.0
        high = low + 1.5
        top, bottom = horizon + (eye - high) * scale, horizon + (eye - low) * scale
        if bottom < 0.0:
            break
        seed = int(wall[W_SEED])
        if k == 0 and (number + seed) % 5 == 0:
            rows(picture, u, top, horizon + eye * scale, surface(env, t, light, sun, 84.0, 62.0, 48.0), 1.0)
            continue
        if scale > 6.0:
            rows(picture, u, top - 0.1 * scale, bottom + 0.1 * scale, frame, 1.0)
        lit = env[E_NIGHT] > 0.4 and grain(number + seed, 13 * k + seed) > 0.35
        if lit:
            rows(picture, u, top, bottom, glowing(env, t, 238.0, 204.0, 132.0), 0.85)
        else:
            rows(picture, u, top, bottom, pane, 1.0 if scale > 3.0 else 0.7)
