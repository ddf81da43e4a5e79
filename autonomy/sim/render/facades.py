"""Buildings in the picture: which walls a column meets, and their facades."""

from math import floor

from autonomy.sim.render.backdrop import STOREY_M, lamp_at
from autonomy.sim.render.draw import RGB, Picture, glowing, light_at, rows, span, sun_on, surface
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    E_AMB_B,
    E_AMB_G,
    E_AMB_R,
    E_NIGHT,
    F4,
    I4,
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
)  # fmt: skip
from autonomy.sim.render.paint import grain


@compiled
def march(
    walls: Walls, x: float, y: float, dir_x: float, dir_y: float, eye: float, reach: float, hit_t: F4,
    hit_wall: I4, most: int,
) -> int:  # fmt: skip
    """Walls that a ray can see, nearest first, each topping the one before: depths into `hit_t`, numbers `hit_wall`."""
    rows_, columns = walls.shape[0], walls.shape[1]
    if len(walls.table) == 0:
        return 0
    cell = walls.frame[2]
    px, py = (x - walls.frame[0]) / cell, (y - walls.frame[1]) / cell
    gx, gy = dir_x / cell, dir_y / cell
    i, j = int(floor(px)), int(floor(py))
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
