"""A planned city as an OpenStreetMap extract."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable
from shapely.coords import CoordinateSequence
from shapely.geometry import LineString, Point, Polygon

from geofence.roads.domain.city.avenues import Street
from geofence.roads.domain.city.plan import City
from geofence.roads.domain.city.traffic import Traffic
from geofence.roads.domain.city.web import Link
from geofence.roads.domain.graph import F8, RoadClass
from geofence.roads.domain.projection import LocalProjection

# Doggerhaven lies on the Dogger Bank, where no real street can be mistaken for one of its own.
DOGGERHAVEN = LocalProjection(2.35, 54.72)
_FIRST_WAY, _FIRST_RELATION = 1_000_001, 9_000_001

Tags = dict[str, str]


def write_city(city: City, out: Path, *, projection: LocalProjection = DOGGERHAVEN) -> None:
    """Write nodes, ways and relations, each sorted by id, in the format that the name of `out` says.

    Raises ValueError for a name with an unknown ending and OSError when the file can't be written.
    """
    if not out.name.endswith((".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")):
        raise ValueError(f"{out.name}: the name must end in .osm.pbf, .osm, .osm.gz or .osm.bz2")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.touch()
    book = _Book(projection)
    book.add_traffic(city.traffic)
    for area in city.ground:
        book.add_area(area.shape, area.tags)
    writer = osmium.SimpleWriter(str(out), overwrite=True)
    try:
        book.write(writer)
    finally:
        writer.close()


class _Book:
    """Collects the objects, then writes them in order."""

    def __init__(self, projection: LocalProjection) -> None:
        self._projection = projection
        self._points: list[tuple[float, float]] = []
        self._node_tags: dict[int, Tags] = {}
        self._ways: list[tuple[list[int], Tags]] = []
        self._relations: list[tuple[list[tuple[str, int, str]], Tags]] = []

    def add_traffic(self, traffic: Traffic) -> None:
        web = traffic.web
        node_of = {junction: self._node(web.xy[junction]) for link in web.links for junction in (link.a, link.b)}
        for junction in sorted(traffic.signals):
            self._node_tags[node_of[junction]] = {"highway": "traffic_signals"}
        crossings = defaultdict(list)
        for index, share, lit in traffic.crossings:
            crossings[index].append((share, lit))
        refs = [self._link_refs(link, node_of, crossings[index]) for index, link in enumerate(web.links)]
        breaks = {rule.via for rule in traffic.rules}
        way_of: dict[int, int] = {}
        for chain in chains(web.links, breaks):
            nodes = refs[chain[0]][:1]
            for index in chain:
                nodes = nodes + refs[index][1:]
                way_of[index] = _FIRST_WAY + len(self._ways)
            self._ways.append((nodes, street_tags(web.links[chain[0]])))
        for rule in traffic.rules:
            members = [("w", way_of[rule.from_link], "from"), ("n", node_of[rule.via], "via")]
            members.append(("w", way_of[rule.to_link], "to"))
            self._relations.append((members, {"type": "restriction", "restriction": rule.kind}))

    def add_area(self, shape: Polygon, tags: Tags) -> None:
        if shape.is_empty or not isinstance(shape, Polygon):
            return
        rings = [self._ring(ring.coords) for ring in (shape.exterior, *shape.interiors)]
        if len(rings) == 1:
            self._ways.append((rings[0], tags))
            return
        members = []
        for number, ring in enumerate(rings):
            members.append(("w", _FIRST_WAY + len(self._ways), "inner" if number else "outer"))
            self._ways.append((ring, {}))
        self._relations.append((members, {"type": "multipolygon", **tags}))

    def write(self, writer: osmium.SimpleWriter) -> None:
        points = np.array(self._points)
        lon, lat = self._projection.inverse(points[:, 0], points[:, 1])
        for index, place in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
            tags = self._node_tags.get(index + 1, {})
            writer.add_node(mutable.Node(id=index + 1, version=1, location=place, tags=tags))
        for index, (nodes, tags) in enumerate(self._ways):
            writer.add_way(mutable.Way(id=_FIRST_WAY + index, version=1, nodes=nodes, tags=tags))
        for index, (members, tags) in enumerate(self._relations):
            writer.add_relation(mutable.Relation(id=_FIRST_RELATION + index, version=1, members=members, tags=tags))

    def _node(self, xy: F8) -> int:
        self._points.append((float(xy[0]), float(xy[1])))
        return len(self._points)

    def _ring(self, coords: CoordinateSequence) -> list[int]:
        points = np.asarray(coords)[:-1]
        refs = [self._node(point) for point in points]
        return [*refs, refs[0]]

    def _link_refs(self, link: Link, node_of: Mapping[int, int], crossings: list[tuple[float, bool]]) -> list[int]:
        """Nodes of a link from a to b, with its crossings between its points."""
        inner: list[tuple[float, bool | None, F8]] = [
            (link.line.project(point), None, xy) for xy, point in _inner_points(link.line)
        ]
        for share, signalled in crossings:
            place = link.line.interpolate(share, normalized=True)
            inner.append((share * link.line.length, signalled, np.array([place.x, place.y])))
        refs = [node_of[link.a]]
        for _, lit, xy in sorted(inner, key=lambda entry: entry[0]):
            refs.append(self._node(xy))
            if lit is not None:
                kind = "traffic_signals" if lit else "marked"
                self._node_tags[refs[-1]] = {"highway": "crossing", "crossing": kind}
        return [*refs, node_of[link.b]]


def _inner_points(line: LineString) -> Iterator[tuple[F8, Point]]:
    for x, y in line.coords[1:-1]:
        yield np.array([x, y]), Point(x, y)


def chains(links: list[Link], breaks: set[int]) -> Iterator[list[int]]:
    """Links of one street that follow each other, a to b, so that a street is few ways; cut at `breaks`."""
    follows: dict[tuple[int, bool, int], int] = {}
    entered: set[tuple[int, bool, int]] = set()
    for index, link in enumerate(links):
        follows.setdefault((link.street.ident, link.bridge, link.a), index)
        entered.add((link.street.ident, link.bridge, link.b))
    taken: set[int] = set()

    def walk(start: int) -> list[int]:
        chain = [start]
        taken.add(start)
        while (end := links[chain[-1]]).b not in breaks:
            following = follows.get((end.street.ident, end.bridge, end.b))
            if following is None or following in taken:
                break
            chain.append(following)
            taken.add(following)
        return chain

    firsts = [i for i, k in enumerate(links) if k.a in breaks or (k.street.ident, k.bridge, k.a) not in entered]
    for index in [*firsts, *range(len(links))]:
        if index not in taken:
            yield walk(index)


def street_tags(link: Link) -> Tags:
    """The tags that a mapper would give the street."""
    street: Street = link.street
    tags = {"highway": street.road.name.lower(), "name": street.name, "surface": "asphalt"}
    if link.bridge:
        tags |= {"bridge": "yes", "layer": "1", "name": f"{street.name.rsplit(' ', 1)[0]} Bridge"}
    if street.style == "roundabout":
        tags["junction"] = "roundabout"
    elif street.oneway:
        tags["oneway"] = "yes"
    if street.speed_kmh is not None:
        tags["maxspeed"] = str(street.speed_kmh)
    if street.road is not RoadClass.LIVING_STREET:
        tags["lanes"] = str(street.lanes if street.style != "roundabout" else 1)
    return tags
