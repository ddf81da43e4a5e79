"""Extracts of real cities."""

import pytest
from geofence.roads import selectors, services
from geofence.roads.domain.router import RoadPosition

pytestmark = pytest.mark.django_db


def test_monaco_is_imported_and_routed(monaco):
    report = services.import_extract(monaco, slug="monaco", name="Monaco")
    print(report)
    network = selectors.network(fresh=True)
    assert network.graph.digest == report.digest
    here = network.snap(7.4208, 43.7385)
    there = network.snap(7.4277, 43.7397)
    route = network.router.route(here.position, there.position)
    print(route.duration_s, route.distance_m)
    import time
    for z,x,y in [(0,0,0),(14,8529,5975),(15,17059,11949)]:
        t=time.time(); b=selectors.tile(z,x,y); print(z,len(b), time.time()-t)
