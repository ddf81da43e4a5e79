"""Vehicles, column by column: body, cabin with glass, wheels, and every lamp that others must read."""

from math import sqrt

from autonomy.sim.render.draw import RGB, Picture, glowing, rows, span, sun_on, surface
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    E_NIGHT,
    E_TIME,
    F4,
    T_B,
    T_COS,
    T_G,
    T_H,
    T_HALF_L,
    T_HALF_W,
    T_KIND,
    T_LIGHTS,
    T_R,
    T_SEED,
    T_SIN,
)

CAR, VAN, TRUCK, BUS, SCHOOL_BUS, EMERGENCY = range(6)
BRAKE, LEFT, RIGHT, BEACON, STOP_ARM, HAZARD = 1, 2, 4, 8, 16, 128
GLASS = (46.0, 56.0, 66.0)
FAR = 1.0e9


@compiled
def slab(
    ox: float, oy: float, dx: float, dy: float, x0: float, x1: float, y0: float, y1: float
) -> tuple[float, float, int]:
    """Where a ray (at depth t: o + t d) enters and leaves a rectangle, and by which face: 0 +x, 1 -x, 2 +y, 3 -y.

    Enters at FAR when it misses."""
    first, last, face = 0.02, FAR, -1
    if abs(dx) < 1e-9:
        if ox < x0 or ox > x1:
            return FAR, FAR, -1
    else:
        a, b = (x0 - ox) / dx, (x1 - ox) / dx
        near, side = (a, 1) if a < b else (b, 0)
        if near > first:
            first, face = near, side
        last = min(last, max(a, b))
    if abs(dy) < 1e-9:
        if oy < y0 or oy > y1:
            return FAR, FAR, -1
    else:
        a, b = (y0 - oy) / dy, (y1 - oy) / dy
        near, side = (a, 3) if a < b else (b, 2)
        if near > first:
            first, face = near, side
        last = min(last, max(a, b))
    if last <= first:
        return FAR, FAR, -1
    return first, last, face


@compiled
def sun_of_face(env: F4, thing: F4, face: int) -> float:
    c, s = thing[T_COS], thing[T_SIN]
    if face == 0:
        return sun_on(env, c, s, 0.0)
    if face == 1:
        return sun_on(env, -c, -s, 0.0)
    if face == 2:
        return sun_on(env, -s, c, 0.0)
    return sun_on(env, s, -c, 0.0)


@compiled
def blink(env: F4, rate_hz: float, seed: float) -> bool:
    return bool((env[E_TIME] * rate_hz + seed * 0.37) % 1.0 < 0.5)


@compiled
def lamp_lights(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, t: float, face: int,
    px: float, py: float, low: float, high: float,
) -> None:  # fmt: skip
    """Head, tail and brake lamps and indicators on the face that the ray has met at (px, py)."""
    hl, hw, lights = thing[T_HALF_L], thing[T_HALF_W], int(thing[T_LIGHTS])
    night = env[E_NIGHT]
    wide = 0.004 * t
    middle, tall = (low + high) / 2, (high - low) / 2 + wide
    across = abs(py)
    if face == 1 and across > 0.58 * hw - wide:
        if lights & BRAKE:
            colour = glowing(env, t, 255.0, 46.0, 34.0)
            span(picture, u, horizon, focal, eye, t, middle - 1.25 * tall, middle + 1.25 * tall, colour)
        elif night > 0.3:
            span(picture, u, horizon, focal, eye, t, middle - tall, middle + tall, glowing(env, t, 190.0, 18.0, 16.0))
        else:
            light = (0.8 - 0.5 * night, 0.8 - 0.5 * night, 0.8 - 0.5 * night)
            colour = surface(env, t, light, 0.0, 132.0, 22.0, 24.0)
            span(picture, u, horizon, focal, eye, t, middle - tall, middle + tall, colour)
    if face == 0 and across > 0.52 * hw - wide:
        bright = 215.0 + 40.0 * min(1.0, 2.0 * night)
        grow = 1.0 + night
        colour = glowing(env, t, bright, bright, bright * 0.94)
        span(picture, u, horizon, focal, eye, t, middle - tall * grow, middle + tall * grow, colour)
    left, right = lights & (LEFT | HAZARD), lights & (RIGHT | HAZARD)
    if (left or right) and blink(env, 1.5, thing[T_SEED]):
        amber = glowing(env, t, 255.0, 168.0, 20.0)
        end = across > 0.72 * hw - 2 * wide if face < 2 else abs(px) > 0.86 * hl - 2 * wide
        if end and ((py > 0.0 and left) or (py < 0.0 and right)):
            span(picture, u, horizon, focal, eye, t, middle - 1.3 * tall, middle + 1.3 * tall, amber)


@compiled
def wheels(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, t: float,
    face: int, px: float, py: float, radius: float,
) -> None:  # fmt: skip
    hl, hw = thing[T_HALF_L], thing[T_HALF_W]
    black = surface(env, t, light, 0.0, 24.0, 24.0, 26.0)
    if face >= 2:
        for k in range(2):
            off = abs(px - (0.58 if k == 0 else -0.60) * hl)
            if off < radius:
                half = sqrt(radius * radius - off * off)
                span(picture, u, horizon, focal, eye, t, radius - half, radius + half, black)
                if off < 0.55 * radius:
                    half = sqrt(0.3025 * radius * radius - off * off)
                    rim = surface(env, t, light, 0.1, 120.0, 122.0, 126.0)
                    span(picture, u, horizon, focal, eye, t, radius - half, radius + half, rim)
    elif abs(py) > 0.68 * hw:
        span(picture, u, horizon, focal, eye, t, 0.0, 0.8 * radius, black)


@compiled
def beacon(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, t: float, py: float,
    roof: float, blue: bool,
) -> None:  # fmt: skip
    """A light bar on the roof whose halves flash in turn."""
    first = blink(env, 2.2, thing[T_SEED])
    bright = first == (py > 0.0)
    if blue:
        colour = glowing(env, t, 70.0, 120.0, 255.0) if bright else glowing(env, t, 20.0, 36.0, 110.0)
    else:
        colour = glowing(env, t, 255.0, 176.0, 30.0) if bright else glowing(env, t, 110.0, 70.0, 10.0)
    grow = (0.003 * t + 0.05) if bright else 0.0
    span(picture, u, horizon, focal, eye, t, roof, roof + 0.26 + grow, colour)


@compiled
def draw_car(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, ox: float,
    oy: float, dx: float, dy: float,
) -> None:  # fmt: skip
    """Cars, vans and emergency vehicles: a lower body, a cabin that narrows upwards, wheels."""
    kind, hl, hw, h = int(thing[T_KIND]), thing[T_HALF_L], thing[T_HALF_W], thing[T_H]
    t0, t1, face = slab(ox, oy, dx, dy, -hl, hl, -hw, hw)
    if t0 >= FAR:
        return
    r, g, b = thing[T_R], thing[T_G], thing[T_B]
    boxy = kind != CAR
    emergency = kind == EMERGENCY
    if emergency:
        r, g, b = 236.0, 236.0, 238.0
    belt = (0.50 if boxy else 0.60) * h
    scale0, scale1 = focal / t0, focal / t1
    top_sun = sun_on(env, 0.0, 0.0, 1.0)
    if eye > belt:  # bonnet and boot from above
        colour = surface(env, t0, light, 0.8 * top_sun + 0.06, r, g, b)
        rows(picture, u, horizon + (eye - belt) * scale1, horizon + (eye - belt) * scale0, colour, 1.0)
    back, front = (-0.99 * hl, 0.80 * hl) if boxy else (-0.80 * hl, 0.42 * hl)
    roof_back, roof_front = (-0.97 * hl, 0.46 * hl) if boxy else (-0.52 * hl, 0.10 * hl)
    inset = (0.95 if boxy else 0.90) * hw
    inset_top = (0.90 if boxy else 0.74) * hw
    tb, _, cabin_face = slab(ox, oy, dx, dy, back, front, -inset, inset)
    if tb < FAR:
        tr, tr_out, _ = slab(ox, oy, dx, dy, roof_back, roof_front, -inset_top, inset_top)
        px, py = ox + tb * dx, oy + tb * dy
        glass_sun = 0.5 * sun_of_face(env, thing, max(cabin_face, 0))
        bottom = horizon + (eye - belt) * focal / tb
        top = horizon + (eye - h) * focal / tr
        if tr >= FAR:  # past the corner of the roof: the glass ends lower
            top = bottom - 0.45 * (h - belt) * focal / tb
        glazed = True
        if boxy:
            glazed = (
                (cabin_face == 0) or (cabin_face == 1 and abs(py) < 0.72 * hw) or (cabin_face >= 2 and px > 0.05 * hl)
            )
        body = surface(env, tb, light, glass_sun + 0.02, r * 0.96, g * 0.96, b * 0.96)
        glass = surface(env, tb, light, glass_sun, GLASS[0], GLASS[1], GLASS[2])
        rows(picture, u, top, bottom, body, 1.0)
        if glazed:
            pillar = cabin_face >= 2 and (abs(px - 0.02 * hl) < 0.05 if not boxy else abs(px - 0.42 * hl) < 0.06)
            if not pillar:
                size = bottom - top
                low_edge = bottom - (0.06 if not boxy else 0.10) * size
                rows(picture, u, top + 0.16 * size, low_edge, glass, 1.0)
        if tr < FAR and eye > h:
            colour = surface(env, tr, light, top_sun, r, g, b)
            rows(picture, u, horizon + (eye - h) * focal / tr_out, horizon + (eye - h) * focal / tr, colour, 1.0)
        if int(thing[T_LIGHTS]) & BRAKE and cabin_face == 1 and abs(py) < 0.3 * hw and tr < FAR:
            rows(picture, u, top, top + max(0.10 * focal / tb, 0.6), glowing(env, tb, 255.0, 40.0, 30.0), 1.0)
        if (emergency or int(thing[T_LIGHTS]) & BEACON) and tr < FAR:
            xr = ox + tr * dx
            if emergency or abs(xr) < 0.3 * hl or cabin_face < 2:
                beacon(picture, u, horizon, focal, eye, env, thing, tr, oy + tr * dy, h, emergency)
    px, py = ox + t0 * dx, oy + t0 * dy
    side_sun = sun_of_face(env, thing, max(face, 0))
    span(picture, u, horizon, focal, eye, t0, 0.0, 0.26, surface(env, t0, light, 0.0, 20.0, 20.0, 22.0))
    span(picture, u, horizon, focal, eye, t0, 0.22, belt, surface(env, t0, light, side_sun, r, g, b))
    if emergency and face != 0:
        span(picture, u, horizon, focal, eye, t0, 0.62 * belt, 0.90 * belt,
             surface(env, t0, light, side_sun, 214.0, 34.0, 36.0))  # fmt: skip
    if face < 2:
        plate = abs(py) < 0.26
        if face == 0 and abs(py) < 0.5 * hw:
            span(picture, u, horizon, focal, eye, t0, 0.34 * belt, 0.66 * belt,
                 surface(env, t0, light, side_sun, 34.0, 34.0, 36.0))  # fmt: skip
        if plate:
            span(picture, u, horizon, focal, eye, t0, 0.42, 0.54,
                 surface(env, t0, light, side_sun + 0.1, 228.0, 228.0, 222.0))  # fmt: skip
    wheels(picture, u, horizon, focal, eye, env, thing, light, t0, face, px, py, 0.34)
    lamp_lights(picture, u, horizon, focal, eye, env, thing, t0, face, px, py, 0.66 * belt, 0.92 * belt)


@compiled
def draw_truck(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, ox: float,
    oy: float, dx: float, dy: float,
) -> None:  # fmt: skip
    """A cab and a box on a chassis."""
    hl, hw, h = thing[T_HALF_L], thing[T_HALF_W], thing[T_H]
    r, g, b = thing[T_R], thing[T_G], thing[T_B]
    t0, _, face = slab(ox, oy, dx, dy, -hl, hl, -hw, hw)
    if t0 >= FAR:
        return
    cab, _, cab_face = slab(ox, oy, dx, dy, 0.50 * hl, hl, -0.96 * hw, 0.96 * hw)
    box, _, box_face = slab(ox, oy, dx, dy, -hl, 0.44 * hl, -hw, hw)
    for step in range(2):
        box_now = (step == 0) == (box > cab)  # the farther of the two first
        if box_now and box < FAR:
            sun = sun_of_face(env, thing, max(box_face, 0))
            span(picture, u, horizon, focal, eye, box, 0.85, h,
                 surface(env, box, light, sun, 0.3 * r + 150.0, 0.3 * g + 150.0, 0.3 * b + 150.0))  # fmt: skip
            span(picture, u, horizon, focal, eye, box, h - 0.14, h, surface(env, box, light, sun, 110.0, 110.0, 112.0))
            py = oy + box * dy
            if box_face == 1:
                if abs(py) < 0.06 or abs(py) > 0.94 * hw:
                    span(picture, u, horizon, focal, eye, box, 0.9, h, surface(env, box, light, sun, 96.0, 96.0, 98.0))
                stripe = int((py + 8.0) / 0.3) % 2
                red = 210.0 if stripe else 232.0
                rest = 40.0 if stripe else 226.0
                span(picture, u, horizon, focal, eye, box, 0.86, 1.06, surface(env, box, light, sun, red, rest, rest))
        if not box_now and cab < FAR:
            sun = sun_of_face(env, thing, max(cab_face, 0))
            top = 0.82 * h
            span(picture, u, horizon, focal, eye, cab, 0.45, top, surface(env, cab, light, sun, r, g, b))
            px = ox + cab * dx
            if cab_face == 0 or (cab_face >= 2 and px > 0.66 * hl):
                span(picture, u, horizon, focal, eye, cab, 0.55 * top, 0.88 * top,
                     surface(env, cab, light, 0.4 * sun, GLASS[0], GLASS[1], GLASS[2]))  # fmt: skip
    px, py = ox + t0 * dx, oy + t0 * dy
    span(picture, u, horizon, focal, eye, t0, 0.0, 0.5, surface(env, t0, light, 0.0, 22.0, 22.0, 24.0))
    span(picture, u, horizon, focal, eye, t0, 0.45, 0.87, surface(env, t0, light, 0.0, 58.0, 58.0, 62.0))
    wheels(picture, u, horizon, focal, eye, env, thing, light, t0, face, px, py, 0.48)
    lamp_lights(picture, u, horizon, focal, eye, env, thing, t0, face, px, py, 0.52, 0.82)


@compiled
def draw_bus(
    picture: Picture, u: int, horizon: float, focal: float, eye: float, env: F4, thing: F4, light: RGB, ox: float,
    oy: float, dx: float, dy: float,
) -> None:  # fmt: skip
    """City buses and yellow school buses with flashers and a stop arm."""
    hl, hw, h, lights = thing[T_HALF_L], thing[T_HALF_W], thing[T_H], int(thing[T_LIGHTS])
    school = int(thing[T_KIND]) == SCHOOL_BUS
    r, g, b = thing[T_R], thing[T_G], thing[T_B]
    if school:
        r, g, b = 250.0, 186.0, 24.0
    t, _, face = slab(ox, oy, dx, dy, -hl, hl, -hw, hw)
    if t < FAR:
        px, py = ox + t * dx, oy + t * dy
        sun = sun_of_face(env, thing, max(face, 0))
        span(picture, u, horizon, focal, eye, t, 0.0, 0.4, surface(env, t, light, 0.0, 22.0, 22.0, 24.0))
        span(picture, u, horizon, focal, eye, t, 0.34, h, surface(env, t, light, sun, r, g, b))
        glass = surface(env, t, light, 0.4 * sun, GLASS[0], GLASS[1], GLASS[2])
        if face >= 2:
            if (px + 40.0) % 1.45 > 0.16:
                span(picture, u, horizon, focal, eye, t, 0.50 * h, 0.80 * h, glass)
        elif face == 0:
            span(picture, u, horizon, focal, eye, t, (0.52 if school else 0.36) * h, 0.80 * h, glass)
        elif abs(py) < 0.75 * hw:
            span(picture, u, horizon, focal, eye, t, 0.56 * h, 0.78 * h, glass)
        if school:
            black = surface(env, t, light, sun, 22.0, 22.0, 22.0)
            span(picture, u, horizon, focal, eye, t, 0.30 * h, 0.325 * h, black)
            span(picture, u, horizon, focal, eye, t, 0.41 * h, 0.435 * h, black)
            if face < 2 and abs(py) > 0.42 * hw:
                on = lights & STOP_ARM and blink(env, 1.2, thing[T_SEED]) == (py > 0.0)
                colour = glowing(env, t, 255.0, 30.0, 24.0) if on else surface(env, t, light, 0.0, 110.0, 20.0, 20.0)
                span(picture, u, horizon, focal, eye, t, 0.85 * h - 0.003 * t, 0.96 * h + 0.003 * t, colour)
        elif face == 0 and abs(py) < 0.6 * hw:
            span(picture, u, horizon, focal, eye, t, 0.86 * h, 0.94 * h, glowing(env, t, 250.0, 170.0, 40.0))
        wheels(picture, u, horizon, focal, eye, env, thing, light, t, face, px, py, 0.48)
        lamp_lights(picture, u, horizon, focal, eye, env, thing, t, face, px, py, 0.24 * h, 0.33 * h)
        if lights & BRAKE and face == 1 and abs(py) < 0.3 * hw:
            span(picture, u, horizon, focal, eye, t, 0.9 * h, 0.94 * h, glowing(env, t, 255.0, 40.0, 30.0))
    if school and lights & STOP_ARM and abs(dx) > 1e-6:
        arm = (0.42 * hl - ox) / dx
        off = abs(oy + arm * dy - (hw + 0.45))
        if 0.3 < arm < t and off < 0.42 + 0.002 * arm:
            half = 0.42 if off < 0.2 else 0.62 - off
            span(picture, u, horizon, focal, eye, arm, 1.5 - half, 1.5 + half,
                 surface(env, arm, light, 0.2, 240.0, 240.0, 240.0))  # fmt: skip
            half -= 0.07
            span(picture, u, horizon, focal, eye, arm, 1.5 - half, 1.5 + half, glowing(env, arm, 214.0, 24.0, 26.0))
            if off < 0.3:
                span(picture, u, horizon, focal, eye, arm, 1.43, 1.57, glowing(env, arm, 240.0, 240.0, 240.0))
