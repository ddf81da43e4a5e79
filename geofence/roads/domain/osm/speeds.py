"""Reading `maxspeed` (https://wiki.openstreetmap.org/wiki/Key:maxspeed)."""

import re
from collections.abc import Mapping

from geofence.roads.domain.graph import RoadClass

KMH = 1 / 3.6
MPH = 0.44704
KNOT = 0.514444
WALK_MPS = 7 * KMH
NO_LIMIT_MPS = 130 * KMH

_UNITS = {"": KMH, "km/h": KMH, "kmh": KMH, "kph": KMH, "mph": MPH, "knots": KNOT}
_NUMBER = re.compile(r"^(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?$")
_ZONE = re.compile(r"^[a-z]{2}:(?:zone:?)?(\d+)$")

# Implicit limits by zone (km/h): the European usual, then countries that differ.
_IMPLICIT: dict[str, float] = {
    "urban": 50,
    "rural": 90,
    "trunk": 110,
    "motorway": 130,
    "living_street": 10,
    "bicycle_road": 30,
    "nsl_single": 60 * 1.609344,
    "nsl_dual": 70 * 1.609344,
    "nsl_restricted": 30 * 1.609344,
    "at:rural": 100,
    "de:rural": 100,
    "de:living_street": 7,
    "gb:motorway": 70 * 1.609344,
    "uk:motorway": 70 * 1.609344,
    "fr:rural": 80,
    "it:trunk": 110,
    "nl:rural": 80,
    "nl:motorway": 100,
    "be-vlg:rural": 70,
    "ru:urban": 60,
    "ru:rural": 90,
    "ru:motorway": 110,
    "ch:rural": 80,
    "ch:trunk": 100,
    "ch:motorway": 120,
    "se:rural": 70,
    "es:motorway": 120,
    "pt:motorway": 120,
}

DEFAULTS_MPS: dict[RoadClass, float] = {
    RoadClass.MOTORWAY: 110 * KMH,
    RoadClass.TRUNK: 80 * KMH,
    RoadClass.PRIMARY: 50 * KMH,
    RoadClass.SECONDARY: 50 * KMH,
    RoadClass.TERTIARY: 50 * KMH,
    RoadClass.UNCLASSIFIED: 40 * KMH,
    RoadClass.RESIDENTIAL: 30 * KMH,
    RoadClass.LIVING_STREET: 10 * KMH,
    RoadClass.SERVICE: 20 * KMH,
}
LINK_DEFAULTS_MPS: dict[RoadClass, float] = {RoadClass.MOTORWAY: 60 * KMH, RoadClass.TRUNK: 50 * KMH}


def parse_maxspeed(value: str) -> float | None:
    """Metres a second, or None when the value says nothing usable. Of several values (`50;30`) the lowest counts.

    >>> round(parse_maxspeed("30 mph"), 3)
    13.411
    """
    found = [speed for part in re.split(r"[;|]", value) if (speed := _one(part.strip().lower())) is not None]
    return min(found) if found else None


def _one(value: str) -> float | None:
    if match := _NUMBER.match(value):
        speed = float(match[1]) * _UNITS[match[2] or ""]
        return min(speed, NO_LIMIT_MPS) if speed > 0 else None
    if value == "walk":
        return WALK_MPS
    if value == "none":
        return NO_LIMIT_MPS
    if match := _ZONE.match(value):
        return float(match[1]) * KMH or None
    implicit = _IMPLICIT.get(value, _IMPLICIT.get(value.rpartition(":")[2]))
    return implicit * KMH if implicit else None


def speed_mps(tags: Mapping[str, str], road: RoadClass, *, link: bool, forward: bool) -> float:
    """The limit in one direction of a way: signed, else implied by zone tags, else the class's default."""
    direction = "forward" if forward else "backward"
    keys = (f"maxspeed:{direction}", "maxspeed", "zone:maxspeed", "maxspeed:type", "source:maxspeed", "zone:traffic")
    for key in keys:
        if key in tags and (speed := parse_maxspeed(tags[key])) is not None:
            return speed
    if tags.get("living_street") == "yes":
        return DEFAULTS_MPS[RoadClass.LIVING_STREET]
    return LINK_DEFAULTS_MPS.get(road, DEFAULTS_MPS[road]) if link else DEFAULTS_MPS[road]
