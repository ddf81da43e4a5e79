"""What the tags of a way or node mean for a passenger car without a special permit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from geofence.roads.domain.graph import EdgeFlag, RoadClass
from geofence.roads.domain.osm.speeds import speed_mps

Tags = Mapping[str, str]

_CLASSES = {road.name.lower(): road for road in RoadClass} | {"road": RoadClass.UNCLASSIFIED}
_LINKS = {f"{name}_link": _CLASSES[name] for name in ("motorway", "trunk", "primary", "secondary", "tertiary")}
_OPEN = frozenset({"yes", "permissive", "designated", "destination", "official", "public", "taxi"})
_CLOSED_SERVICE = frozenset({"parking_aisle", "driveway", "drive-through", "emergency_access", "private", "bus"})
_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_TRUE = frozenset({"yes", "true", "1"})
# fmt: off
_BARRIERS = frozenset(
    {
        "block", "bollard", "chain", "cycle_barrier", "debris", "fence", "full-height_turnstile", "gate",
        "hampshire_gate", "horse_stile", "jersey_barrier", "kissing_gate", "lift_gate", "log",
        "motorcycle_barrier", "planter", "rope", "spikes", "stile", "sump_buster", "swing_gate", "turnstile",
        "wall", "wedge",
    }
)
# fmt: on
_USUALLY_OPEN = frozenset({"gate", "lift_gate", "swing_gate"})


class Exclusion(StrEnum):
    """Why a highway is not in the network."""

    NOT_FOR_CARS = "not_for_cars"
    ACCESS = "access"
    SERVICE = "private_service"
    AREA = "area"
    REVERSIBLE = "reversible_oneway"


@dataclass(frozen=True, slots=True)
class Lane:
    """One direction of a way."""

    speed_mps: float
    lanes: int


@dataclass(frozen=True, slots=True)
class WayProfile:
    """A drivable way: its class, flags and name, and its directions (None: closed that way)."""

    road: RoadClass
    flags: EdgeFlag
    name: str
    forward: Lane | None
    backward: Lane | None


def profile(tags: Tags) -> WayProfile | Exclusion:
    """The way as a car sees it, or why a car may not use it."""
    highway = tags.get("highway", "")
    link = highway in _LINKS
    road = _LINKS.get(highway, _CLASSES.get(highway))
    if road is None:
        return Exclusion.NOT_FOR_CARS
    if tags.get("area") == "yes":
        return Exclusion.AREA
    if not _accessible(tags):
        return Exclusion.ACCESS
    if road is RoadClass.SERVICE and tags.get("service") in _CLOSED_SERVICE:
        return Exclusion.SERVICE
    ways = _directions(tags, road, link)
    if ways is None:
        return Exclusion.REVERSIBLE
    counts = _lane_counts(tags, road, *ways)
    lanes = [
        Lane(speed_mps(tags, road, link=link, forward=forward), count) if open_ else None
        for forward, open_, count in zip((True, False), ways, counts, strict=True)
    ]
    return WayProfile(road, _flags(tags, link), tags.get("name") or tags.get("ref") or "", lanes[0], lanes[1])


def _accessible(tags: Tags) -> bool:
    """The most specific access key decides; no key means open."""
    return next((tags[key] in _OPEN for key in _ACCESS_KEYS if key in tags), True)


def _directions(tags: Tags, road: RoadClass, link: bool) -> tuple[bool, bool] | None:
    """Open forwards, open backwards; None for a direction that changes by the hour."""
    keys = ("oneway:motorcar", "oneway:motor_vehicle", "oneway")
    value = next((tags[key] for key in keys if key in tags), None)
    if value in ("reversible", "alternating"):
        return None
    if value in ("-1", "reverse"):
        return False, True
    if value in _TRUE:
        return True, False
    implied = road is RoadClass.MOTORWAY or tags.get("junction") in ("roundabout", "circular")
    return (True, False) if implied and value is None else (True, True)


def _lane_counts(tags: Tags, road: RoadClass, forward: bool, backward: bool) -> tuple[int, int]:
    total = _count(tags.get("lanes"))
    if forward != backward:
        usual = 2 if road <= RoadClass.TRUNK and not tags.get("highway", "").endswith("_link") else 1
        count = total or _count(tags.get("lanes:forward" if forward else "lanes:backward")) or usual
        return (count, 0) if forward else (0, count)
    ahead, back = _count(tags.get("lanes:forward")), _count(tags.get("lanes:backward"))
    if total and ahead and not back:
        back = max(1, total - ahead)
    if total and back and not ahead:
        ahead = max(1, total - back)
    half = max(1, (total or 2) // 2)
    return ahead or half, back or half


def _count(value: str | None) -> int | None:
    if value is None:
        return None
    number = value.split(";")[0].strip()
    return min(int(number), 12) if number.isdecimal() and int(number) > 0 else None


def _flags(tags: Tags, link: bool) -> EdgeFlag:
    flags = EdgeFlag.LINK if link else EdgeFlag(0)
    if tags.get("bridge", "no") != "no":
        flags |= EdgeFlag.BRIDGE
    if tags.get("tunnel", "no") != "no":
        flags |= EdgeFlag.TUNNEL
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= EdgeFlag.ROUNDABOUT
    return flags


def is_signal(tags: Tags) -> bool:
    """A node where traffic lights stop cars."""
    return tags.get("highway") == "traffic_signals" or tags.get("crossing") == "traffic_signals"


def is_crossing(tags: Tags) -> bool:
    """A node where people on foot cross the carriageway."""
    return tags.get("highway") == "crossing" and tags.get("crossing") != "no"


def blocks(tags: Tags) -> bool:
    """A barrier that a car can't pass. A gate without access tags counts as open, a bollard as closed."""
    barrier = tags.get("barrier")
    if barrier not in _BARRIERS:
        return False
    stated = any(key in tags for key in _ACCESS_KEYS)
    return not _accessible(tags) if stated else barrier not in _USUALLY_OPEN


def area_kind(tags: Tags) -> str | None:
    """`water`, `park` or `building` for the base map, else None."""
    if tags.get("natural") in ("water", "bay", "strait") or tags.get("waterway") in ("riverbank", "dock"):
        return "water"
    if tags.get("landuse") in ("reservoir", "basin"):
        return "water"
    if tags.get("leisure") in ("park", "garden", "nature_reserve", "golf_course", "pitch", "recreation_ground"):
        return "park"
    if tags.get("landuse") in ("forest", "grass", "meadow", "recreation_ground", "village_green", "cemetery"):
        return "park"
    if tags.get("natural") in ("wood", "scrub", "grassland", "heath"):
        return "park"
    return "building" if tags.get("building", "no") != "no" else None
