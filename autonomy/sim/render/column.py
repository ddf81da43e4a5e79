"""One column of one camera: find what its vertical plane meets, draw it from far to near."""

from math import atan2, sqrt

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.backdrop import draw_ground, draw_sky, lamp_at
from autonomy.sim.render.draw import Picture, light_at
from autonomy.sim.render.facades import draw_wall, march
from autonomy.sim.render.furniture import draw_board, draw_post, draw_signal, draw_small, draw_tree
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    C_FOCAL,
    C_FX,
    C_FY,
    C_HORIZON,
    C_X,
    C_Y,
    C_Z,
    E_RANGE,
    F4,
    I4,
    T_COS,
    T_H,
    T_HALF_L,
    T_HALF_W,
    T_KIND,
    T_SIN,
    T_X,
    T_Y,
    T_Z,
    W_HEIGHT,
    Ground,
    Walls,
)
from autonomy.sim.render.people import draw_animal, draw_cyclist, draw_person
from autonomy.sim.render.vehicles import FAR, draw_bus, draw_car, draw_truck, slab, sun_of_face

CAR, VAN, TRUCK, BUS, SCHOOL_BUS, EMERGENCY, CYCLIST, PEDESTRIAN, OFFICER = range(9)
BARRIER, DEBRIS, TREE, CAR_DOOR, ANIMAL = 10, 12, 13, 15, 16
SIGNAL, LAMP_POST = 100, 101
WALLS_MOST = 4
HITS_MOST = 28


@compiled
def is_box(kind: int) -> bool:
    return kind <= EMERGENCY or kind in (BARRIER, DEBRIS, CAR_DOOR)


@compiled
def draw_thing(
    picture: Picture, u: int, env: F4, camera: F4, ground: Ground, thing: F4, dir_x: float, dir_y: float, aside: float
) -> None:
    """Draw one thing in one column. aside: the ray's way to the left per metre of depth."""
    horizon, focal, eye = camera[C_HORIZON], camera[C_FOCAL], camera[C_Z]
    kind = int(thing[T_KIND])
    rx, ry = thing[T_X] - camera[C_X], thing[T_Y] - camera[C_Y]
    fx, fy = camera[C_FX], camera[C_FY]
    ahead, left = rx * fx + ry * fy, -rx * fy + ry * fx
    light = light_at(env, camera, thing[T_X], thing[T_Y], lamp_at(ground, thing[T_X], thing[T_Y]))
    c, s = thing[T_COS], thing[T_SIN]
    if is_box(kind):
        ox, oy = -(rx * c + ry * s), rx * s - ry * c
        dx, dy = dir_x * c + dir_y * s, -dir_x * s + dir_y * c
        if kind in (CAR, VAN, EMERGENCY):
            draw_car(picture, u, horizon, focal, eye, env, thing, light, ox, oy, dx, dy)
        elif kind == TRUCK:
            draw_truck(picture, u, horizon, focal, eye, env, thing, light, ox, oy, dx, dy)
        elif kind in (BUS, SCHOOL_BUS):
            draw_bus(picture, u, horizon, focal, eye, env, thing, light, ox, oy, dx, dy)
        else:
            t, _, face = slab(ox, oy, dx, dy, -thing[T_HALF_L], thing[T_HALF_L], -thing[T_HALF_W], thing[T_HALF_W])
            if t < FAR:
                sun = sun_of_face(env, thing, max(face, 0))
                draw_board(picture, u, horizon, focal, eye, env, thing, light, t, ox + t * dx, oy + t * dy, sun, kind)
        return
    if ahead < 0.3:
        return
    w = left - aside * ahead  # how far to the right of the thing's middle the ray passes
    broad = (c * fy - s * fx) if kind != SIGNAL else 0.0
    if kind in (PEDESTRIAN, OFFICER):
        draw_person(picture, u, horizon, focal, eye, env, thing, light, ahead, w, kind == OFFICER)
    elif kind == CYCLIST:
        draw_cyclist(picture, u, horizon, focal, eye, env, thing, light, ahead, w, broad)
    elif kind == ANIMAL:
        draw_animal(picture, u, horizon, focal, eye, env, thing, light, ahead, w, broad)
    elif kind == TREE:
        draw_tree(picture, u, horizon, focal, eye, env, thing, light, ahead, w)
    elif kind == SIGNAL:
        facing = -(c * rx + s * ry) / max(sqrt(rx * rx + ry * ry), 0.1)
        draw_signal(picture, u, horizon, focal, eye, env, thing, light, ahead, w, facing)
    elif kind == LAMP_POST:
        # the arm points to the road: left of the heading, where cars keep right
        reach = 2.2 * (-s * fy - c * fx)
        draw_post(picture, u, horizon, focal, eye, env, thing, light, ahead, w, reach)
    else:
        draw_small(picture, u, horizon, focal, eye, env, thing, light, ahead, w, kind)


@compiled
def depth_of(camera: F4, thing: F4, dir_x: float, dir_y: float) -> float:
    """Depth at which a column meets a thing, FAR when it misses."""
    rx, ry = thing[T_X] - camera[C_X], thing[T_Y] - camera[C_Y]
    if not is_box(int(thing[T_KIND])):
        return float(rx * camera[C_FX] + ry * camera[C_FY])
    c, s = thing[T_COS], thing[T_SIN]
    wide = thing[T_HALF_W] + (0.9 if int(thing[T_KIND]) == SCHOOL_BUS else 0.0)
    t, _, _ = slab(
        -(rx * c + ry * s), rx * s - ry * c, dir_x * c + dir_y * s, -dir_x * s + dir_y * c,
        -thing[T_HALF_L], thing[T_HALF_L], -wide, wide,
    )  # fmt: skip
    return t


@compiled
def cast(
    picture: Picture, u: int, width: int, env: F4, camera: F4, table: F4, ground: Ground, walls: Walls, things: F4,
    count: int, listed: I4, columns: I4, hit_t: NDArray[np.float32], hit: NDArray[np.int32],
) -> None:  # fmt: skip
    """Draw column `u` of u1[3, H, W]. hit_t, hit: room for HITS_MOST + WALLS_MOST entries."""
    focal, horizon, eye = camera[C_FOCAL], camera[C_HORIZON], camera[C_Z]
    aside = (width / 2 - (u + 0.5)) / focal
    dir_x = camera[C_FX] - aside * camera[C_FY]
    dir_y = camera[C_FY] + aside * camera[C_FX]
    stretch = sqrt(1.0 + aside * aside)
    reach = env[E_RANGE] / stretch
    met = march(walls, camera[C_X], camera[C_Y], dir_x, dir_y, eye, reach, hit_t, hit, WALLS_MOST)
    near_wall, sky_to, first_wall = FAR, horizon + 1.0, 0
    if met > 0:
        near_wall, first_wall = float(hit_t[0]), int(hit[0])
    for k in range(met):
        sky_to = min(sky_to, horizon - focal * (walls.table[hit[k], W_HEIGHT] - eye) / hit_t[k] + 1.0)
    if sky_to > 0.0:
        draw_sky(picture, u, env, table, dir_x, dir_y, atan2(dir_y, dir_x), int(sky_to))
    draw_ground(picture, u, env, camera, table, ground, dir_x, dir_y, near_wall)
    found = met
    for k in range(met):
        hit[k] = -1 - hit[k]
    for k in range(count):
        if u < columns[k, 0] or u > columns[k, 1]:
            continue
        thing = things[listed[k]]
        t = depth_of(camera, thing, dir_x, dir_y)
        if t < 0.25 or t > reach:
            continue
        rise = (thing[T_Z] + thing[T_H] + 2.0 - eye) / t
        if t > near_wall and rise < (walls.table[first_wall, W_HEIGHT] - eye) / near_wall:
            continue
        if found < HITS_MOST + WALLS_MOST:
            hit_t[found], hit[found] = t, listed[k]
            found += 1
    for a in range(1, found):  # nearest last
        t, number = hit_t[a], hit[a]
        b = a - 1
        while b >= 0 and hit_t[b] < t:
            hit_t[b + 1], hit[b + 1] = hit_t[b], hit[b]
            b -= 1
        hit_t[b + 1], hit[b + 1] = t, number
    for k in range(found):
        if hit[k] < 0:
            wall = walls.table[-1 - hit[k]]
            draw_wall(picture, u, horizon, focal, eye, env, camera, ground, wall, hit_t[k], dir_x, dir_y)
        else:
            draw_thing(picture, u, env, camera, ground, things[hit[k]], dir_x, dir_y, aside)
