"""The streets as a web of junctions and links: cut at crossings, cleaned of stubs and of junctions too close."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString

from geofence.roads.domain.city.avenues import Street
from geofence.roads.domain.city.frame import QUAY_M, Frame
from geofence.roads.domain.graph import F8, RoadClass

TOO_CLOSE_M = 30.0
STUB_M = 70.0


@dataclass(frozen=True, eq=False)
class Link:
    """A stretch of street between junctions `a` and `b`; its line runs from a to b, as its street does."""

    a: int
    b: int
    line: LineString
    street: Street
    bridge: bool = False


@dataclass(eq=False)
class Web:
    """Junctions [J, 2] and links."""

    xy: F8
    links: list[Link]

    def degrees(self) -> Counter[int]:
        """Number of links at each junction."""
        return Counter(end for link in self.links for end in (link.a, link.b))

    def junction_count(self) -> int:
        """Junctions and dead ends; a bend is neither."""
        return sum(degree != 2 for degree in self.degrees().values())


def weave(rng: np.random.Generator, frame: Frame, streets: list[Street]) -> Web:
    """Cut all streets at their crossings and clean up."""
    web = _cut([replace(street, ident=index) for index, street in enumerate(streets)])
    web = _merge_close(web)
    web = _without_stubs(rng, web)
    web = _thinned(rng, web, frame)
    web = _without_stubs(rng, web)
    return _largest(web)


def _cut(streets: list[Street]) -> Web:
    noded = shapely.get_parts(shapely.union_all([street.line for street in streets], grid_size=0.1))
    tree = shapely.STRtree([street.line for street in streets])
    number: dict[tuple[int, int], int] = {}
    links = []
    for piece in noded:
        line = piece
        middle = line.interpolate(0.5, normalized=True)
        owners = tree.query(middle, predicate="dwithin", distance=0.5)
        if len(owners) == 0:
            continue
        street = streets[min(owners, key=lambda index: (streets[index].road, index))]
        start, end = line.coords[0], line.coords[-1]
        if street.line.project(shapely.Point(start)) > street.line.project(shapely.Point(end)):
            line, start, end = line.reverse(), end, start
        ends = [number.setdefault((round(x * 10), round(y * 10)), len(number)) for x, y in (start, end)]
        links.append(Link(ends[0], ends[1], line, street, _over_river(line)))
    xy = np.array(list(number), dtype=float) / 10
    return Web(xy, [link for link in links if link.a != link.b])


def _over_river(line: LineString) -> bool:
    return abs(line.interpolate(0.5, normalized=True).y) < QUAY_M - 10


def _merge_close(web: Web) -> Web:
    """Junctions joined by a short link become one, where the greater street's junction is."""
    parent = list(range(len(web.xy)))
    rank = _ranks(web)

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for link in sorted(web.links, key=lambda link: link.line.length):
        if link.line.length >= TOO_CLOSE_M:
            break
        a, b = root(link.a), root(link.b)
        if a != b and np.hypot(*(web.xy[a] - web.xy[b])) < TOO_CLOSE_M:
            keep, lose = (a, b) if (rank[a], a) <= (rank[b], b) else (b, a)
            parent[lose] = keep
    links: dict[tuple[int, int], Link] = {}
    for link in web.links:
        a, b = root(link.a), root(link.b)
        if a == b:
            continue
        coords = [tuple(web.xy[a]), *link.line.coords[1:-1], tuple(web.xy[b])]
        moved = replace(link, a=a, b=b, line=LineString(coords))
        key = (min(a, b), max(a, b))
        links[key] = min(links.get(key, moved), moved, key=lambda link: (link.street.road, link.line.length))
    return Web(web.xy, list(links.values()))


def _ranks(web: Web) -> dict[int, int]:
    rank: dict[int, int] = defaultdict(lambda: 99)
    for link in web.links:
        for end in (link.a, link.b):
            rank[end] = min(rank[end], int(link.street.road))
    return rank


def _without_stubs(rng: np.random.Generator, web: Web) -> Web:
    """Short dead ends go, and most long ones; a few stay as closes."""
    links = list(web.links)
    kept: set[int] = set()
    while True:
        degree = Counter(end for link in links for end in (link.a, link.b))
        rest = []
        for link in links:
            dead = degree[link.a] == 1 or degree[link.b] == 1
            if dead and id(link) not in kept and link.street.road >= RoadClass.TERTIARY:
                if link.line.length < STUB_M or rng.random() < 0.8:
                    continue
                kept.add(id(link))
            rest.append(link)
        if len(rest) == len(links):
            return Web(web.xy, rest)
        links = rest


def _thinned(rng: np.random.Generator, web: Web, frame: Frame) -> Web:
    """Some streets are interrupted, more of them outside the centre: blocks of many sizes, and T-junctions."""
    centre = np.array([0.0, frame.centre_v_m])
    degree = web.degrees()
    removed: set[int] = set()
    for index, link in enumerate(web.links):
        if link.street.road < RoadClass.UNCLASSIFIED:
            continue
        middle = np.array(link.line.interpolate(0.5, normalized=True).coords[0])
        share = 0.05 if np.hypot(*(middle - centre)) < 0.4 * frame.radius_m else 0.13
        if degree[link.a] > 3 and degree[link.b] > 2 and rng.random() < share:
            removed.add(index)
            degree[link.a] -= 1
            degree[link.b] -= 1
    return Web(web.xy, [link for index, link in enumerate(web.links) if index not in removed])


def _largest(web: Web) -> Web:
    ends = np.array([(link.a, link.b) for link in web.links]).T
    size = len(web.xy)
    _, label = connected_components(csr_matrix((np.ones(ends.shape[1]), tuple(ends)), shape=(size, size)))
    best = np.bincount(label[ends[0]]).argmax()
    return Web(web.xy, [link for link in web.links if label[link.a] == best])
