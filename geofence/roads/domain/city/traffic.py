"""How traffic is ruled: one-ways that leave nobody trapped, roundabouts, signals, crossings, forbidden turns."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString, Point

from geofence.roads.domain.city.avenues import Street
from geofence.roads.domain.city.frame import Frame
from geofence.roads.domain.city.web import Link, Web
from geofence.roads.domain.graph import RoadClass

ROUNDABOUT_RADIUS_M = 21.0
STOP_LINE_M = 12.0
FEWEST_FOR_ROUNDABOUTS = 400


@dataclass(frozen=True, eq=False)
class Rule:
    """A turn restriction at junction `via`: from link to link, by their places in the web's list."""

    kind: str
    from_link: int
    via: int
    to_link: int


@dataclass(frozen=True, eq=False)
class Traffic:
    """The web with its rules; `crossings` are (link, share of its length, signalled)."""

    web: Web
    signals: frozenset[int]
    crossings: list[tuple[int, float, bool]]
    rules: list[Rule]


def rule_traffic(rng: np.random.Generator, frame: Frame, web: Web) -> Traffic:
    """Decide everything about traffic; the web comes back bent into the plane of the city."""
    web = _open_where_trapped(web)
    web = _bent(web, frame)
    if web.junction_count() >= FEWEST_FOR_ROUNDABOUTS:
        web = _with_roundabouts(web)
    arms = _arms(web)
    signals = frozenset(_signals(web, arms))
    return Traffic(web, signals, _crossings(rng, web, signals), _rules(rng, web, arms, signals))


def _open_where_trapped(web: Web) -> Web:
    """Make one-way streets two-way until every junction can be reached from every other."""
    links = list(web.links)
    while True:
        arcs = [(link.a, link.b) for link in links]
        arcs += [(link.b, link.a) for link in links if not link.street.oneway]
        tail, head = np.array(arcs).T
        size = len(web.xy)
        matrix = csr_matrix((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size, size))
        _, label = connected_components(matrix, directed=True, connection="strong")
        trapped = {link.street.ident for link in links if link.street.oneway and label[link.a] != label[link.b]}
        if not trapped:
            return Web(web.xy, links)
        links = [
            replace(link, street=replace(link.street, oneway=False, lanes=2)) if link.street.ident in trapped else link
            for link in links
        ]


def _bent(web: Web, frame: Frame) -> Web:
    xy = frame.bend_points(web.xy)
    links = []
    for link in web.links:
        inner = list(frame.bend(link.line).coords)[1:-1]
        links.append(replace(link, line=LineString([tuple(xy[link.a]), *inner, tuple(xy[link.b])])))
    return Web(xy, links)


def _arms(web: Web) -> Mapping[int, list[int]]:
    arms: dict[int, list[int]] = defaultdict(list)
    for index, link in enumerate(web.links):
        arms[link.a].append(index)
        arms[link.b].append(index)
    return arms


def _with_roundabouts(web: Web) -> Web:
    """A few junctions of avenues with collectors, far apart and outside the centre, become roundabouts."""
    arms = _arms(web)
    centre = web.xy[list(arms)].mean(axis=0)
    reach = np.hypot(*(web.xy[list(arms)] - centre).T).max()
    chosen: list[int] = []
    for node in sorted(arms, key=lambda node: -np.hypot(*(web.xy[node] - centre))):
        roads = sorted(web.links[index].street.road for index in arms[node])
        long_enough = all(web.links[index].line.length > 3 * ROUNDABOUT_RADIUS_M for index in arms[node])
        fits = len(roads) == 4 and roads[1] <= RoadClass.SECONDARY and roads[0] >= RoadClass.PRIMARY and long_enough
        near_edge = np.hypot(*(web.xy[node] - centre)) < 0.8 * reach
        if fits and near_edge and all(np.hypot(*(web.xy[node] - web.xy[other])) > 0.35 * reach for other in chosen):
            chosen.append(node)
        if len(chosen) == 4:
            break
    for node in chosen:
        web = _roundabout(web, node, arms[node])
    return web


def _roundabout(web: Web, node: int, arms: list[int]) -> Web:
    """Arms end on a circle; its arcs run anticlockwise, as right-hand traffic does."""
    middle = web.xy[node]
    disk = Point(middle).buffer(ROUNDABOUT_RADIUS_M, quad_segs=32)
    links, xy = list(web.links), list(map(tuple, web.xy))
    entries = []
    for index in arms:
        link = links[index]
        outside = link.line.difference(disk)
        line = max(getattr(outside, "geoms", [outside]), key=lambda part: part.length)
        end = line.coords[0] if link.a == node else line.coords[-1]
        xy.append((float(end[0]), float(end[1])))
        at_a, entry = link.a == node, len(xy) - 1
        links[index] = replace(link, line=line, a=entry if at_a else link.a, b=link.b if at_a else entry)
        entries.append((float(np.arctan2(end[1] - middle[1], end[0] - middle[0])), len(xy) - 1))
    entries.sort()
    name = min((links[index].street for index in arms), key=lambda street: street.road).name.split()[0]
    ident = max(link.street.ident for link in links) + 1
    for (angle, start), (until, end) in zip(entries, entries[1:] + entries[:1], strict=True):
        sweep = (until - angle) % (2 * np.pi)
        between = angle + np.linspace(0, sweep, max(3, int(sweep / 0.3)))[1:-1]
        inner = middle + ROUNDABOUT_RADIUS_M * np.column_stack([np.cos(between), np.sin(between)])
        line = LineString([xy[start], *map(tuple, inner), xy[end]])
        street = Street(
            line, RoadClass.SECONDARY, f"{name} Circus", oneway=True, speed_kmh=30, style="roundabout", ident=ident
        )
        links.append(Link(start, end, line, street))
    return Web(np.array(xy), links)


def _signals(web: Web, arms: Mapping[int, list[int]]) -> list[int]:
    """Where two avenues meet, and where a collector meets a main road."""
    lit = []
    for node, links in arms.items():
        streets = [web.links[index].street for index in links]
        if len(streets) < 3 or any(street.style == "roundabout" for street in streets):
            continue
        names = {street.name for street in streets if street.road <= RoadClass.SECONDARY}
        collectors = any(street.road is RoadClass.TERTIARY for street in streets)
        main = any(street.road <= RoadClass.PRIMARY for street in streets)
        if len(names) >= 2 or (collectors and main):
            lit.append(node)
    return lit


def _crossings(rng: np.random.Generator, web: Web, signals: frozenset[int]) -> list[tuple[int, float, bool]]:
    """On the arms of signals just before the stop line, and here and there in collectors and side streets."""
    crossings = []
    for index, link in enumerate(web.links):
        length = link.line.length
        if link.bridge or link.street.style == "roundabout" or length < 5 * STOP_LINE_M:
            continue
        near = STOP_LINE_M / length
        if link.a in signals:
            crossings.append((index, near, True))
        chance = {RoadClass.TERTIARY: 0.35, RoadClass.RESIDENTIAL: 0.12}.get(link.street.road, 0.0)
        if rng.random() < chance:
            crossings.append((index, float(rng.choice([near, 0.5, 1 - near]) if link.a not in signals else 0.5), False))
        if link.b in signals:
            crossings.append((index, 1 - near, True))
    return crossings


def _rules(rng: np.random.Generator, web: Web, arms: Mapping[int, list[int]], signals: frozenset[int]) -> list[Rule]:
    """No left turn from some approaches of large junctions, straight on only from a few."""
    rules = []
    for node in sorted(signals):
        links = arms[node]
        if len(links) != 4 or rng.random() > 0.3:
            continue
        source = links[int(rng.integers(4))]
        if web.links[source].street.oneway or web.links[source].street.road is RoadClass.TRUNK:
            continue
        heading = {index: _bearing_away(web.links[index], node) for index in links}
        straight = heading[source] + np.pi
        angle = {index: (heading[index] - straight + np.pi) % (2 * np.pi) - np.pi for index in links if index != source}
        left = min(angle, key=lambda index: abs(angle[index] - np.pi / 2))
        ahead = min(angle, key=lambda index: abs(angle[index]))
        if left == ahead or web.links[left].street.oneway or web.links[ahead].street.oneway:
            continue
        only = rng.random() < 0.15
        rules.append(Rule("only_straight_on" if only else "no_left_turn", source, node, ahead if only else left))
    return rules


def _bearing_away(link: Link, node: int) -> float:
    """Direction in which a link leaves a junction, radians anticlockwise from east."""
    coords = link.line.coords if link.a == node else link.line.coords[::-1]
    return float(np.arctan2(coords[1][1] - coords[0][1], coords[1][0] - coords[0][0]))
