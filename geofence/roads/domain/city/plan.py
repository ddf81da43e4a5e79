"""The whole city from a number of junctions and a seed."""

from dataclasses import dataclass

import numpy as np

from geofence.roads.domain.city.avenues import avenues
from geofence.roads.domain.city.blocks import Ground, ground
from geofence.roads.domain.city.fabric import Fabric, fabric
from geofence.roads.domain.city.frame import Frame
from geofence.roads.domain.city.traffic import Traffic, rule_traffic
from geofence.roads.domain.city.web import Web, weave

LEAST_JUNCTIONS, MOST_JUNCTIONS = 60, 50_000
AREA_PER_JUNCTION_M2 = 11_000.0
CLOSE_ENOUGH = 0.03
TRIES = 8


@dataclass(frozen=True, eq=False)
class City:
    """Streets, rules and ground, in metres east and north of the middle."""

    traffic: Traffic
    ground: list[Ground]


def plan_city(*, junctions: int, seed: int) -> City:
    """A city of about so many junctions (within a few per cent); the same numbers give the same city.

    Raises ValueError outside `LEAST_JUNCTIONS` to `MOST_JUNCTIONS`.
    """
    if not LEAST_JUNCTIONS <= junctions <= MOST_JUNCTIONS:
        raise ValueError(f"junctions: {junctions} is not between {LEAST_JUNCTIONS} and {MOST_JUNCTIONS}")
    radius = float(np.sqrt(junctions * AREA_PER_JUNCTION_M2 / np.pi))
    best = _Draft.draw(seed, radius)
    for _ in range(TRIES):
        off = best.count / junctions
        if abs(off - 1) <= CLOSE_ENOUGH:
            break
        radius *= float(np.sqrt(junctions / max(_Draft.draw(seed, radius).count, 1)))
        best = min(best, _Draft.draw(seed, radius), key=lambda draft: abs(draft.count - junctions))
    rng = np.random.default_rng([seed, 1])
    traffic = rule_traffic(rng, best.frame, best.web)
    return City(traffic, ground(rng, best.frame, traffic.web, best.fabric.parks))


@dataclass(frozen=True, eq=False)
class _Draft:
    frame: Frame
    fabric: Fabric
    web: Web

    @property
    def count(self) -> int:
        return self.web.junction_count()

    @classmethod
    def draw(cls, seed: int, radius_m: float) -> "_Draft":
        rng = np.random.default_rng([seed, 0])
        frame = Frame.draw(rng, radius_m)
        main = avenues(rng, frame)
        between = fabric(rng, frame, main)
        return cls(frame, between, weave(rng, frame, main + between.streets))
