"""From cars on paths to claims on junctions, tick by tick."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.car import Car
from autonomy.sim.junctions import rank_of
from autonomy.sim.neighbours import Hits
from autonomy.sim.path import Passage
from autonomy.sim.right_of_way import CHAIN_PATIENCE_S, ROOM_M, Claim, RightOfWay
from autonomy.sim.roads import RoadMap
from autonomy.world.observation import Directive

F8 = NDArray[np.float64]
LINE_M = 1.0
PASSED_M = 1.5


def line_of(car: Car, passage: Passage) -> float:
    """Where the rear axle stands when the front bumper is at the stop line."""
    return passage.enter - LINE_M - car.platform.front_m


def update_claims(
    road_map: RoadMap, cars: list[Car], hits: Hits, *, s: F8, speed: F8, rules: RightOfWay, time_s: float, dt_s: float
) -> None:
    """Bring every car's claims up to date and let the rules decide about grants."""
    first_hit = np.searchsorted(hits.i, np.arange(len(cars) + 1))
    claims: list[Claim] = []
    for car in cars:
        if car.errand or speed[car.index] > 0.05:
            own = slice(int(first_hit[car.index]), int(first_hit[car.index + 1]))
            _update_car(
                road_map,
                car,
                s=float(s[car.index]),
                speed=float(speed[car.index]),
                hits=hits,
                own=own,
                rules=rules,
                time_s=time_s,
                dt_s=dt_s,
            )
            claims.extend(car.claims.values())
        elif car.claims or car.path.passages:
            _update_car(
                road_map,
                car,
                s=float(s[car.index]),
                speed=0.0,
                hits=hits,
                own=slice(0, 0),
                rules=rules,
                time_s=time_s,
                dt_s=dt_s,
            )
            claims.extend(car.claims.values())
    rules.decide(claims, time_s)


def _update_car(
    road_map: RoadMap,
    car: Car,
    *,
    s: float,
    speed: float,
    hits: Hits,
    own: slice,
    rules: RightOfWay,
    time_s: float,
    dt_s: float,
) -> None:
    horizon = s + speed * speed / 4.0 + 2.0 * speed + 12.0
    rear = car.platform.rear_overhang_m
    kept: dict[int, Claim] = {}
    for number, passage in enumerate(car.path.passages):
        if s - rear > passage.leave:
            continue
        line = line_of(car, passage)
        if line > horizon:
            break
        claim = car.claims.get(number) or _new_claim(road_map, car, passage, line, time_s)
        kept[number] = claim
        claim.s, claim.speed = s, speed
        claim.inside = s > line + PASSED_M
        claim.signal, claim.shown = rules.signal(passage, time_s), rules.shown(passage, time_s)
        claim.passages = [passage] if claim.inside else _chain(car, number, time_s - claim.since_s)
        claim.idle_s = claim.idle_s + dt_s if speed < 0.2 and claim.granted else 0.0
        claim.may_ask = car.stop_m > line + 0.5 and not (car.directive is Directive.HOLD and speed < 8.0)
        claim.room_m = _room(claim, hits, own)
        claim.block_m = _block(car, number + len(claim.passages) - 1)
        if claim.idle_s > 6.0:
            claim.idle_s, claim.since_s = 0.0, time_s
    car.claims = kept


def _new_claim(road_map: RoadMap, car: Car, passage: Passage, line: float, time_s: float) -> Claim:
    return Claim(
        car=car.index,
        path=car.path,
        passages=[passage],
        s=0.0,
        speed=0.0,
        front_m=car.platform.front_m,
        length_m=car.platform.length_m,
        line_s=line,
        may_ask=False,
        inside=False,
        room_m=0.0,
        block_m=0.0,
        since_s=time_s,
        granted=False,
        rank=rank_of(road_map, passage.approach),
    )


def _chain(car: Car, number: int, waited_s: float) -> list[Passage]:
    """The passage and those behind it that follow too closely to stop between."""
    passages = car.path.passages
    chain = [passages[number]]
    need = car.platform.length_m + ROOM_M + LINE_M
    while number + 1 < len(passages) and waited_s < CHAIN_PATIENCE_S:
        number += 1
        if passages[number].enter - chain[-1].leave >= need or car.stop_m < line_of(car, passages[number]):
            break
        chain.append(passages[number])
    return chain


def _block(car: Car, number: int) -> float:
    """From the end of a passage's box to the stop line of the next: where the cars before this one may have to wait."""
    passages = car.path.passages
    if number + 1 >= len(passages):
        return float("inf")
    return passages[number + 1].enter - LINE_M - passages[number].leave


def _room(claim: Claim, hits: Hits, own: slice) -> float:
    leave = claim.passages[-1].leave - claim.s
    for ahead, speed in zip(hits.ahead_m[own].tolist(), hits.speed_mps[own].tolist(), strict=True):
        if ahead > leave - 1.0:
            return float(ahead - leave + max(speed, 0.0) * 1.5)
    return float("inf")
