"""A slow zone on the map becomes a speed that the next mission's car is told."""

from collections.abc import Callable
from uuid import UUID

import pytest
import shapely

from autonomy.link.messages import AssignMission
from dispatch.assignments.dispatcher import TickReport
from fleet.missions.models import Command, Mission
from fleet.missions.wire import body_message
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice
from geofence.zones import services as zones
from geofence.zones.domain.geometry import to_geojson
from tests.dispatch.actors import Booker, Cars

pytestmark = pytest.mark.django_db
CAP_MPS = 5.0


def everywhere_slow(city: Network) -> None:
    whole = shapely.box(*city.bbox).buffer(0.01, join_style="mitre")
    row = zones.draft(
        kind="slow", name="Snow", geometry=to_geojson(whole), by="user:1", params={"max_speed_mps": CAP_MPS}
    )
    zones.publish(zone_ids=[row.id], by="user:1")


def told(ride_id: UUID) -> AssignMission:
    body = body_message(Command.objects.get(mission__purpose_id=ride_id, kind="assign_mission").body)
    assert isinstance(body, AssignMission)
    return body


def test_the_car_of_the_next_ride_is_told_and_the_one_under_way_is_not(
    city: Network, cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    cars.add(places[2])
    cars.add(places[-2])
    first = booker.book(places[5], places[-5])
    assert tick().counts["assigned"] == 1
    everywhere_slow(city)
    second = booker.book(places[-4], places[4])
    assert tick().counts["assigned"] == 1
    assert [leg.speed_caps for leg in told(first).legs] == [[], []]
    for leg in told(second).legs:
        faster = [k for k, edge in enumerate(leg.edges) if city.graph.edge_speed_mps[edge] > CAP_MPS]
        assert leg.speed_caps == [(k, CAP_MPS) for k in faster]
        assert faster
    before, after = (Mission.objects.get(purpose_id=ride).odd_version for ride in (first, second))
    assert after == before + 1
