"""Bringing new cars into the fleet: an identity of their own, a folder for the car's computer, and service."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from django.db import transaction

from autonomy.link.signing import public_text, write_new_key
from fleet.base.ids import new_id
from fleet.depots import selectors as depots
from fleet.missions import verbs
from fleet.vehicles import selectors, services
from geofence.base.errors import Refusal
from geofence.roads import selectors as roads
from geofence.stops import selectors as stops

LonLat = tuple[float, float]
TRIES_PER_CAR: Final = 60


@dataclass(frozen=True, slots=True)
class Build:
    """One kind of car that a fleet buys."""

    platform: str
    seats: int
    wheelchair_accessible: bool


# In the order in which a mixed fleet is filled; every fourth car takes a wheelchair.
BUILDS: Final = (
    Build("p7", 4, False),
    Build("g7", 4, False),
    Build("x9_ultra", 6, False),
    Build("id_buzz", 4, True),
)


@dataclass(frozen=True, slots=True)
class Provisioned:
    vehicle_id: UUID
    plate: str
    start: LonLat
    folder: Path


def starting_places(*, count: int, seed: int, at: datetime) -> list[LonLat]:
    """`count` different legal stopping places all over the service area, the same ones for the same seed.

    Raises Refusal `no_stopping_place` when the area has too few.
    """
    west, south, east, north = roads.network().bbox
    rng = np.random.default_rng(seed)
    found: dict[UUID, LonLat] = {}
    for _ in range(count * TRIES_PER_CAR):
        if len(found) >= count:
            break
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        for choice in stops.near(float(lon), float(lat), at=at, limit=3, max_walk_m=600.0):
            if choice.id not in found:
                found[choice.id] = (choice.lon, choice.lat)
                break
    if len(found) < count:
        raise Refusal("no_stopping_place", f"Only {len(found)} stopping places for {count} cars were found.")
    return list(found.values())[:count]


def provision(*, starts: Sequence[LonLat], cars_dir: Path, fleet_key: str, actor: str) -> Iterator[Provisioned]:
    """Make one car for each start, in service at once: key and `car.json` in its folder, its row in the fleet."""
    homes = depots.all_depots()
    number = selectors.count()
    cars_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for index, start in enumerate(starts):
        build = BUILDS[(number + index) % len(BUILDS)]
        home = homes[index % len(homes)].id if homes else None
        yield _one(
            number=number + index + 1,
            build=build,
            start=start,
            home=home,
            cars_dir=cars_dir,
            fleet_key=fleet_key,
            actor=actor,
        )


def _one(
    *, number: int, build: Build, start: LonLat, home: UUID | None, cars_dir: Path, fleet_key: str, actor: str
) -> Provisioned:
    vehicle_id, plate = new_id(), f"HNS-{number:04d}"
    folder = cars_dir / str(vehicle_id)
    folder.mkdir(mode=0o700)
    try:
        key = write_new_key(folder / "key.pem")
        about = {
            "vehicle_id": str(vehicle_id),
            "platform": build.platform,
            "fleet_key": fleet_key,
            "start": list(start),
            "seats": build.seats,
            "soc_pct": 90.0 - (number * 7) % 30,
        }
        (folder / "car.json").write_bytes(msgspec.json.format(msgspec.json.encode(about), indent=2))
        with transaction.atomic():
            services.register(
                vehicle_id=vehicle_id,
                plate=plate,
                vin=f"HNSM0RT26{number:08d}",
                platform=build.platform,
                seats=build.seats,
                wheelchair_accessible=build.wheelchair_accessible,
                public_key=public_text(key),
                home_depot_id=home,
                actor=actor,
            )
            verbs.service_start(vehicle_id=vehicle_id, actor=actor, reason="new in the fleet")
    except BaseException:
        shutil.rmtree(folder)  # a key without a car is of no use to anybody
        raise
    return Provisioned(vehicle_id, plate, start, folder)
