"""What lies behind all things: sky and painted ground."""

from math import cos, exp, sin, sqrt

import numpy as np

from autonomy.sim.render.draw import Picture, light_at, sun_on
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    C_FOCAL,
    C_HORIZON,
    C_X,
    C_Y,
    C_Z,
    E_AMB_B,
    E_AMB_G,
    E_AMB_R,
    E_CLOUD,
    E_FOG,
    E_FOG_B,
    E_FOG_G,
    E_FOG_R,
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
    R_CLEAR,
    R_COS,
    R_COS13,
    R_COS23,
    R_DEEP,
    R_LEVEL,
    R_MIRROR,
    R_NEAR,
    R_RISE,
    R_SAMPLES,
    R_SIN,
    R_SIN13,
    R_SIN23,
    R_SKY_B,
    R_SKY_G,
    R_SKY_R,
    R_T,
    TEXEL_M,
    TILE_TEXELS,
    Ground,
)  # fmt: skip

YARD_PACKED = 126 | (128 << 8) | (104 << 16)
STOREY_M = 3.1
FAR_GROUND = (118.0, 122.0, 108.0)


@compiled
def row_table(env: F4, camera: F4, table: F4) -> None:
    """Fill f4[H, ROW] for one camera."""
    focal, horizon, eye = camera[C_FOCAL], camera[C_HORIZON], camera[C_Z]
    for v in range(len(table)):
        row = table[v]
        below = v + 0.5 - horizon
        rise = max(-below / focal, 0.0)
        row[R_RISE] = rise
        part = 1.0 - exp(-3.2 * rise)
        row[R_SKY_R] = env[E_LOW_R] + part * (env[E_TOP_R] - env[E_LOW_R])
        row[R_SKY_G] = env[E_LOW_G] + part * (env[E_TOP_G] - env[E_LOW_G])
        row[R_SKY_B] = env[E_LOW_B] + part * (env[E_TOP_B] - env[E_LOW_B])
        q = 1.0 / (rise + 0.16)
        row[R_SIN], row[R_COS] = sin(q), cos(q)
        row[R_SIN13], row[R_COS13] = sin(1.3 * q - 2.0), cos(1.3 * q - 2.0)
        row[R_SIN23], row[R_COS23] = sin(2.3 * q), cos(2.3 * q)
        if below < 0.0 and v < int(horizon):
            row[R_T] = 0.0
            continue
        t = focal * eye / max(below, 0.2)
        across = t / focal
        deep = t * t / (focal * eye)
        row[R_T], row[R_DEEP] = t, deep
        row[R_NEAR] = focal * eye / max(below + 0.5, 0.2)
        row[R_LEVEL] = 0 if across < 0.3 else 1 if across < 0.6 else 2 if across < 1.2 else 3
        row[R_SAMPLES] = min(max(int(0.5 * deep / max(across, TEXEL_M) + 0.6), 1), 3)
        row[R_CLEAR] = exp(-env[E_FOG] * t) if t < env[E_RANGE] * 1.5 else -exp(-env[E_FOG] * t)
        row[R_MIRROR] = 0.5 * env[E_WET] * t / (t + 14.0)


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
    picture: Picture, u: int, env: F4, camera: F4, table: F4, ground: Ground, dir_x: float, dir_y: float,
    near_wall: float,
) -> None:  # fmt: skip
    """Rows below the horizon, out to the nearest wall. Far rows take several samples along the ray."""
    pool, slot_of, coarse = ground.pool, ground.slot_of, ground.coarse
    tile_rows, tile_columns = slot_of.shape
    coarse_rows, coarse_columns = coarse.shape
    x0, y0 = camera[C_X] - ground.frame[0], camera[C_Y] - ground.frame[1]
    per_tile, per_coarse = 1.0 / ground.frame[2], 1.0 / ground.frame[3]
    night, wet = env[E_NIGHT], env[E_WET]
    dark = 1.0 - 0.24 * wet
    sun = sun_on(env, 0.0, 0.0, 1.0)
    # into locals: the compiler must assume that writing a picture could change the arrays
    fog_r, fog_g, fog_b = env[E_FOG_R], env[E_FOG_G], env[E_FOG_B]
    low_r, low_g, low_b = env[E_LOW_R], env[E_LOW_G], env[E_LOW_B]
    eye_x, eye_y = camera[C_X], camera[C_Y]
    amb_r, amb_g, amb_b = env[E_AMB_R] + sun, env[E_AMB_G] + sun, env[E_AMB_B] + 0.92 * sun
    for v in range(max(int(camera[C_HORIZON]), 0), picture.shape[1]):
        t = table[v, R_T]
        if table[v, R_NEAR] > near_wall:
            continue
        clear = table[v, R_CLEAR]
        r, g, b = FAR_GROUND
        if clear < 0.0:
            clear = -clear
        else:
            level, samples = int(table[v, R_LEVEL]), int(table[v, R_SAMPLES])
            side = TILE_TEXELS >> level
            base = 0 if level == 0 else TILE_TEXELS**2 if level == 1 else TILE_TEXELS**2 * 5 // 4
            red, green, blue = 0, 0, 0
            step = table[v, R_DEEP] / samples
            at = t + 0.5 * (step - table[v, R_DEEP])
            for _ in range(samples):
                gx, gy = x0 + at * dir_x, y0 + at * dir_y
                at += step
                packed = YARD_PACKED
                if gx >= 0.0 and gy >= 0.0:
                    slot = -1
                    if level < 3:
                        tx, ty = gx * per_tile, gy * per_tile
                        i, j = int(tx), int(ty)
                        if i < tile_columns and j < tile_rows:
                            slot = slot_of[j, i]
                            if slot >= 0:
                                packed = int(pool[slot, base + int((ty - j) * side) * side + int((tx - i) * side)])
                    if slot < 0:
                        i, j = int(gx * per_coarse), int(gy * per_coarse)
                        if i < coarse_columns and j < coarse_rows:
                            packed = int(coarse[j, i])
                red += packed & 255
                green += (packed >> 8) & 255
                blue += (packed >> 16) & 255
            share = dark / samples
            r, g, b = red * share, green * share, blue * share
        if wet > 0.0:
            mirror = table[v, R_MIRROR]
            r += mirror * (low_r - r)
            g += mirror * (low_g - g)
            b += mirror * (low_b - b)
        if night > 0.0:
            x, y = eye_x + t * dir_x, eye_y + t * dir_y
            light = light_at(env, camera, x, y, lamp_at(ground, x, y))
            r, g, b = r * (light[0] + sun), g * (light[1] + sun), b * (light[2] + sun)
        else:
            r, g, b = r * amb_r, g * amb_g, b * amb_b
        r = fog_r + clear * (min(r, 255.0) - fog_r)
        g = fog_g + clear * (min(g, 255.0) - fog_g)
        b = fog_b + clear * (min(b, 255.0) - fog_b)
        picture[0, v, u] = np.uint8(max(r, 0.0))
        picture[1, v, u] = np.uint8(max(g, 0.0))
        picture[2, v, u] = np.uint8(max(b, 0.0))


@compiled
def draw_sky(
    picture: Picture, u: int, env: F4, table: F4, dir_x: float, dir_y: float, azimuth: float, last: int
) -> None:
    """Rows above the horizon down to row `last`: a gradient, clouds, the sun and its glow."""
    flat = dir_x * dir_x + dir_y * dir_y
    cloudy, sunny = env[E_CLOUD] > 0.02, env[E_SUN] > 0.02
    s43, c43, s23 = sin(4.0 * azimuth), cos(4.0 * azimuth), sin(2.0 * azimuth)
    c23, s79, c79 = cos(2.0 * azimuth), sin(7.0 * azimuth), cos(7.0 * azimuth)
    cloud, shine, high = env[E_CLOUD], min(1.0, 3.0 * env[E_SUN]), env[E_SUN_Z]
    thick = 0.7 * (1.0 - env[E_NIGHT])
    toward = dir_x * env[E_SUN_X] + dir_y * env[E_SUN_Y]
    for v in range(min(last, picture.shape[1])):
        r, g, b = table[v, R_SKY_R], table[v, R_SKY_G], table[v, R_SKY_B]
        if cloudy:
            n = (s43 * table[v, R_COS] + c43 * table[v, R_SIN]) * (s23 * table[v, R_COS13] - c23 * table[v, R_SIN13])
            n += 0.5 * (s79 * table[v, R_COS23] + c79 * table[v, R_SIN23])
            veil = min(max(0.6 * n + 1.7 * cloud - 0.75, 0.0), 1.0) * thick
            r += veil * (226.0 - 60.0 * cloud - r)
            g += veil * (228.0 - 58.0 * cloud - g)
            b += veil * (232.0 - 54.0 * cloud - b)
        if sunny and toward > 0.0:
            rise = table[v, R_RISE]
            dot = (toward + rise * high) / sqrt(flat + rise * rise)
            if dot > 0.85:
                glow = exp(-(1.0 - dot) * 45.0) * shine
                if dot > 0.9985:
                    glow = 1.0
                r += glow * (255.0 - r)
                g += glow * (248.0 - g)
                b += glow * (226.0 - b)
        picture[0, v, u] = np.uint8(min(max(r, 0.0), 255.0))
        picture[1, v, u] = np.uint8(min(max(g, 0.0), 255.0))
        picture[2, v, u] = np.uint8(min(max(b, 0.0), 255.0))
