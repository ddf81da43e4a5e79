"""Reading an extract with pyosmium: which ways, nodes, restrictions and areas there are."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import osmium.filter
import osmium.geom

from geofence.roads.domain.osm.tags import (
    Exclusion,
    WayProfile,
    area_kind,
    blocks,
    is_crossing,
    is_signal,
    profile,
)

Progress = Callable[[str, int, int | None], None]
_REPORT_EVERY = 2_000
_SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")


class ExtractError(ValueError):
    """The file is no usable OpenStreetMap extract; the message says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """A drivable way and the nodes along it."""

    id: int
    profile: WayProfile
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A point of a drivable way."""

    lon: float
    lat: float
    signal: bool
    crossing: bool
    blocked: bool


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn rule at node `via`: `only` false forbids from -> to, true forbids all but it. Members are way ids."""

    only: bool
    from_ways: tuple[int, ...]
    via: int
    to_ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon of the base map; `wkb` is a hexadecimal WKB MultiPolygon in degrees."""

    kind: str
    name: str
    wkb: str


@dataclass(slots=True)
class Extract:
    """What the file holds for us, and what of it was left out, by reason."""

    ways: list[Way] = field(default_factory=list)
    nodes: dict[int, Node] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def read_extract(path: Path, progress: Progress) -> Extract:
    """Read an .osm.pbf, .osm, .osm.gz or .osm.bz2 file.

    `progress(stage, done, total)` is called now and then; `total` is None while unknown. Raises ExtractError when the
    file is missing, empty, truncated, of another kind, or has no road that a car may use.
    """
    _check_file(path)
    extract = Extract()
    try:
        _read_ways(path, extract, progress)
        if not extract.ways:
            raise ExtractError(f"{path.name}: no road that a car may use")
        _read_nodes(path, extract, progress)
        _read_areas(path, extract, progress)
    except ExtractError:
        raise
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise ExtractError(f"{path.name} is truncated or not an OpenStreetMap extract: {error}") from error
    return extract


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise ExtractError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise ExtractError(f"{path.name} is empty")
    if not path.name.endswith(_SUFFIXES):
        raise ExtractError(f"{path.name}: the name must end in one of {', '.join(_SUFFIXES)}")


def _objects(path: Path, entities: Any, *filters: Any) -> Iterator[Any]:
    processor = osmium.FileProcessor(str(path), entities)
    for condition in filters:
        processor = processor.with_filter(condition)
    yield from processor


def _read_ways(path: Path, extract: Extract, progress: Progress) -> None:
    kinds = osmium.osm.WAY | osmium.osm.RELATION
    for count, thing in enumerate(_objects(path, kinds, osmium.filter.KeyFilter("highway", "type"))):
        tags = dict(thing.tags)
        if thing.is_way():
            _take_way(thing, tags, extract)
        elif tags.get("type", "").startswith("restriction"):
            _take_restriction(thing, tags, extract)
        if count % _REPORT_EVERY == 0:
            progress("ways", count, None)
    progress("ways", len(extract.ways), len(extract.ways))


def _take_way(way: Any, tags: dict[str, str], extract: Extract) -> None:
    if "highway" not in tags:
        return
    verdict = profile(tags)
    if isinstance(verdict, Exclusion):
        extract.left_out[verdict.value] += 1
        return
    refs = [node.ref for node in way.nodes]
    distinct = tuple(ref for index, ref in enumerate(refs) if index == 0 or ref != refs[index - 1])
    if len(distinct) < 2:
        extract.left_out["way_without_nodes"] += 1
        return
    extract.ways.append(Way(way.id, verdict, distinct))


def _take_restriction(relation: Any, tags: dict[str, str], extract: Extract) -> None:
    """Read `restriction`; rules over a via way, by the hour, or that except cars are counted and left out."""
    keys = ("restriction:motorcar", "restriction:motor_vehicle", "restriction")
    rule = next((tags[key] for key in keys if key in tags), None)
    if rule is None:
        extract.left_out["restriction_conditional_or_for_others"] += 1
        return
    if {"motorcar", "motor_vehicle"} & {word.strip() for word in tags.get("except", "").split(";")}:
        extract.left_out["restriction_excepts_cars"] += 1
        return
    roles: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for member in relation.members:
        if member.role in roles:
            roles[member.role].append((member.type, member.ref))
    via = roles["via"]
    if len(via) != 1 or via[0][0] != "n" or not rule.startswith(("no_", "only_")):
        extract.left_out["restriction_over_way_or_malformed"] += 1
        return
    ways = {role: tuple(ref for kind, ref in roles[role] if kind == "w") for role in ("from", "to")}
    extract.restrictions.append(Restriction(rule.startswith("only_"), ways["from"], via[0][1], ways["to"]))


def _read_nodes(path: Path, extract: Extract, progress: Progress) -> None:
    wanted = {ref for way in extract.ways for ref in way.refs}
    for thing in _objects(path, osmium.osm.NODE, osmium.filter.IdFilter(wanted)):
        tags = dict(thing.tags)
        if thing.location.valid():
            extract.nodes[thing.id] = Node(
                thing.location.lon, thing.location.lat, is_signal(tags), is_crossing(tags), blocks(tags)
            )
        if len(extract.nodes) % _REPORT_EVERY == 0:
            progress("nodes", len(extract.nodes), len(wanted))
    extract.left_out["node_outside_extract"] += len(wanted) - len(extract.nodes)
    progress("nodes", len(extract.nodes), len(wanted))


def _read_areas(path: Path, extract: Extract, progress: Progress) -> None:
    keys = osmium.filter.KeyFilter("natural", "waterway", "landuse", "leisure", "building")
    areas = osmium.FileProcessor(str(path)).with_areas(keys)
    factory = osmium.geom.WKBFactory()
    thing: Any
    for thing in areas.with_filter(osmium.filter.EntityFilter(osmium.osm.AREA)).with_filter(keys):
        tags = dict(thing.tags)
        kind = area_kind(tags)
        if kind is None:
            continue
        try:
            wkb = factory.create_multipolygon(thing)
        except RuntimeError:
            extract.left_out["area_with_broken_geometry"] += 1
            continue
        extract.areas.append(Area(kind, tags.get("name", ""), wkb))
        if len(extract.areas) % _REPORT_EVERY == 0:
            progress("areas", len(extract.areas), None)
    progress("areas", len(extract.areas), len(extract.areas))
