"""A compiled domain is shared by threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely

from geofence.odd.domain.compiled import CompiledOdd
from geofence.zones.domain.kinds import ZoneKind
from tests.geofence.odd.conftest import area, star


def test_threads_that_are_all_first_get_the_same_answers() -> None:
    rng = np.random.default_rng(6)
    closed = [star((rng.uniform(7, 8), rng.uniform(43, 44)), list(rng.uniform(0.01, 0.1, 200))) for _ in range(20)]
    points = rng.uniform([6.9, 42.9], [8.1, 44.1], (4_000, 2))
    routes = rng.uniform([7.1, 43.1], [7.9, 43.9], (6, 6, 2))
    areas = [area(ZoneKind.SERVICE_AREA, shapely.box(7, 43, 8, 44)), *[area(ZoneKind.NO_GO, p) for p in closed]]

    def answers(domain: CompiledOdd) -> tuple[list[bool], list[int]]:
        many = domain.check_points(points[:, 0].copy(), points[:, 1].copy(), 0.0).tolist()
        return many, [len(domain.check_route(route, 0.0).violations) for route in routes]

    expected = answers(CompiledOdd(1, "d", areas))
    for _ in range(3):
        shared = CompiledOdd(1, "d", areas)
        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(answers, [shared] * 4):
                assert found == expected
