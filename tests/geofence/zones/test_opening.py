"""Opening a city: one command, once."""

import io

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command

from geofence.odd import selectors as odd
from geofence.roads.domain.network import Network
from geofence.zones import selectors
from geofence.zones.domain.hull import around
from geofence.zones.domain.kinds import ZoneKind, ZoneState


def test_the_area_holds_every_road_and_a_margin(city: Network) -> None:
    outline = around(city.graph, margin_m=80)
    assert len(outline.exterior.coords) <= 500
    points = shapely.points(city.graph.geom_lonlat)
    assert shapely.covers(outline, points).all()
    x, y = city.graph.projection.forward(*shapely.get_coordinates(outline.exterior).T)
    ring = shapely.LinearRing(np.column_stack([x, y]))
    assert shapely.distance(ring, shapely.points(city.graph.geom_xy)).min() > 60
    assert odd.edge_mask(city, 0.0).all()


def test_opening_again_changes_nothing_and_another_margin_replaces_the_area(city: Network) -> None:
    number = odd.current().version
    out = io.StringIO()
    call_command("open_service_area", stdout=out)
    assert odd.current().version == number
    assert "unchanged" in out.getvalue()
    call_command("open_service_area", margin_m=200.0, by="user:7", verbosity=0)
    assert odd.current().version == number + 1
    areas = selectors.zones(states=[ZoneState.PUBLISHED], kinds=[ZoneKind.SERVICE_AREA])
    assert [(a.created_by, a.replaces is not None) for a in areas] == [("user:7", True)]


@pytest.mark.parametrize("margin", [0.0, -5.0, 1e9, float("nan")])
def test_a_margin_out_of_range_is_refused(city: Network, margin: float) -> None:
    number = odd.current().version
    with pytest.raises(CommandError, match="margin"):
        call_command("open_service_area", margin_m=margin, verbosity=0)
    assert odd.current().version == number
