"""Extracts to import: written by hand, generated, and real ones where they are at hand."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from geofence.roads import selectors
from geofence.roads.domain.city.plan import plan_city
from geofence.roads.domain.city.write import write_city
from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.osm.assemble import assemble
from geofence.roads.domain.osm.extract import Extract, read_extract


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    selectors.forget()
    yield
    selectors.forget()


def quiet(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def osm_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes an .osm file: nodes {id: (x, y) or (x, y, tags)} in thousandths of a degree, ways {id: (refs, tags)},
    relations [(members, tags)]."""

    def write(
        nodes: dict[int, Any], ways: dict[int, Any], relations: Sequence[Any] = (), name: str = "hand.osm"
    ) -> Path:
        lines = ['<?xml version="1.0"?><osm version="0.6">']
        for ident, (x, y, *tags) in sorted(nodes.items()):
            inner = _tags(tags[0]) if tags else ""
            lines.append(f'<node id="{ident}" version="1" lon="{10 + x / 1000}" lat="{50 + y / 1000}">{inner}</node>')
        for ident, (refs, tags) in sorted(ways.items()):
            inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            lines.append(f'<way id="{ident}" version="1">{inner}{_tags(tags)}</way>')
        for ident, (members, tags) in enumerate(relations, start=900):
            inner = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
            lines.append(f'<relation id="{ident}" version="1">{inner}{_tags(tags)}</relation>')
        path = tmp_path / "hand.osm"
        path.write_text("".join([*lines, "</osm>"]))
        return path

    return write


def _tags(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


@pytest.fixture
def read(osm_file: Callable[..., Path]) -> Callable[..., Extract]:
    """A hand-written extract, read."""
    return lambda *args, **kwargs: read_extract(osm_file(*args, **kwargs), quiet)


@pytest.fixture
def graph_of(read: Callable[..., Extract]) -> Callable[..., RoadGraph]:
    """The whole graph of a hand-written extract, connected or not."""
    return lambda *args, **kwargs: assemble(read(*args, **kwargs))


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.osm.pbf"
    write_city(plan_city(junctions=150, seed=3), path)
    return path


@pytest.fixture(scope="session")
def demo_graph(demo_file: Path) -> RoadGraph:
    return assemble(read_extract(demo_file, quiet))


@pytest.fixture
def monaco(shared: Path) -> Path:
    return _there(shared / "data" / "osm" / "monaco.osm.gz")


@pytest.fixture
def berlin(shared: Path) -> Path:
    return _there(shared / "data" / "osm" / "berlin-siegessaeule.osm.gz")


def _there(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand")
    return path
