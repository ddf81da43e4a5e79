"""Arbitrary JSON, much of it nearly right: an answer below 500, and nothing kept unless it says so."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from fleet.access.domain import Role
from geofence.stops.selectors import StopChoice
from geofence.zones.domain.kinds import ZoneKind

pytestmark = pytest.mark.django_db
Rows = Callable[[], dict[str, Any]]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**308, 10**320)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=8)
    | st.sampled_from(["NaN", "Infinity", "1e400", "yes", "\x00", "", "0", str(uuid4()), "\u202e", "7.42"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def nearly(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object whose members are right, wrong or missing."""
    return st.fixed_dictionaries({}, optional={name: right | values for name, right in members.items()})


lon, lat = st.floats(7.3, 7.5) | st.floats(-181, 181), st.floats(43.6, 43.8) | st.floats(-95, 95)
place = nearly(lon=lon, lat=lat)
quote = nearly(
    pickup=place, dropoff=place, seats=st.integers(0, 20), wheelchair=st.booleans(), preference=st.just("shortest_walk")
)
position = st.tuples(lon, lat).map(list)
ring = st.lists(position, min_size=3, max_size=6).map(lambda corners: [*corners, corners[0]])
polygon = nearly(type=st.just("Polygon"), coordinates=st.lists(ring | values, max_size=3))
window = nearly(days=st.just(["mon"]), **{"from": st.just("07:00"), "to": st.just("24:00")})
hours = nearly(tz=st.just("Europe/Paris"), windows=st.lists(window, max_size=3))
params = nearly(max_speed_mps=st.floats(0, 50), note=st.text(max_size=5), hours=hours)
zone = nearly(kind=st.sampled_from([*ZoneKind]), name=st.text(max_size=5), geometry=polygon, params=params)
booking = nearly(quote_id=st.uuids().map(str))
BODIES = {"/api/quotes": quote, "/api/rides": booking, "/api/zones": zone, "/api/zones/impact": zone}


@pytest.mark.parametrize("path", BODIES)
def test_no_body_ends_in_a_500_or_leaves_anything_behind(
    path: str, client_of: Callable[..., APIClient], places: list[StopChoice], rows: Rows
) -> None:
    api = client_of(Role.OPERATOR if "zones" in path else Role.RIDER)

    @settings(
        max_examples=120,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(body=BODIES[path] | values)
    def anything(body: Any) -> None:
        before = rows()
        answer = api.generic(
            "POST",
            path,
            json.dumps(body),  # escapes whatever is not ASCII
            content_type="application/json",
            headers={"Idempotency-Key": uuid4().hex},
        )
        assert answer.status_code < 500
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["detail"]
            assert rows() == before

    anything()
