from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from autonomy.link.messages import CommandAck
from fleet.access.domain import DIRECTORS, Role
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions import uplink
from fleet.missions.models import Command, Mission
from fleet.vehicles.models import Vehicle

ClientOf = Callable[..., APIClient]
VERBS = ["hold", "release", "pull-over", "service-start", "service-end", "ground", "clear"]


def order(client: APIClient, vehicle: Vehicle, verb: str, reason: Any = "look at it", key: str = "k1") -> Any:
    return client.post(
        f"/api/vehicles/{vehicle.pk}/{verb}", {"reason": reason}, format="json", headers={"Idempotency-Key": key}
    )


def state_of(vehicle: Vehicle) -> tuple[str, str, int]:
    fresh = Vehicle.objects.get(pk=vehicle.pk)
    return fresh.state, fresh.held_by, Command.objects.count()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", [role for role in Role if role not in DIRECTORS])
def test_who_may_not_direct_cars_changes_nothing(vehicle: Vehicle, client_of: ClientOf, role: Role, verb: str) -> None:
    before = state_of(vehicle)
    assert order(client_of(role), vehicle, verb).status_code == 403
    assert order(APIClient(), vehicle, verb).status_code == 401
    assert state_of(vehicle) == before


def test_a_rider_may_not_look(vehicle: Vehicle, client_of: ClientOf) -> None:
    assert client_of(Role.RIDER).get("/api/vehicles").status_code == 403
    assert client_of(Role.RIDER).get(f"/api/vehicles/{vehicle.pk}").status_code == 403


def test_hold_then_release(vehicle: Vehicle, client_of: ClientOf) -> None:
    operator = client_of(Role.OPERATOR)
    answer = order(operator, vehicle, "hold")
    assert (answer.status_code, answer.data["state"], answer.data["held_by"]) == (200, "available.held", "operator")
    assert order(operator, vehicle, "hold").headers["Idempotent-Replayed"] == "true"
    assert state_of(vehicle) == ("available.held", "operator", 1)
    asked = order(operator, vehicle, "release", key="k2").data
    assert (asked["state"], asked["held_by"]) == ("available.held", "operator")  # until the car has said that it goes
    uplink.take_ack(vehicle=Vehicle.objects.get(pk=vehicle.pk), ack=CommandAck(seq=2, outcome="accepted"))
    assert state_of(vehicle) == ("available.idle", "", 2)
    again = order(operator, vehicle, "release", key="k3")
    assert (again.status_code, again.data["code"]) == (409, "not_held")
    flush()
    issued = [e for e in ledger.of_subject("vehicle", vehicle.pk) if e.kind == "command.issued"]
    actor = f"user:{operator.user.pk}"  # type: ignore[attr-defined]
    assert [(e.data["command"], e.data["reason"], e.actor) for e in issued] == [
        ("hold", "look at it", actor),
        ("release", "look at it", actor),
    ]


def test_the_way_out_of_service_and_back(vehicle: Vehicle, client_of: ClientOf) -> None:
    admin = client_of(Role.ADMIN)
    steps = [
        ("service-end", "non_operational.idle"),
        ("service-start", "available.idle"),
        ("ground", "non_operational.grounded"),
        ("clear", "non_operational.idle"),
        ("service-start", "available.held"),  # the car has not said that it goes on
        ("pull-over", "available.held"),
        ("ground", "non_operational.grounded"),
    ]
    for number, (verb, state) in enumerate(steps):
        answer = order(admin, vehicle, verb, key=str(number))
        assert (answer.status_code, answer.data.get("state")) == (200, state), verb


def test_a_car_with_a_rider_is_not_grounded(vehicle: Vehicle, client_of: ClientOf, ride_to: Any) -> None:
    ride_to(vehicle.pk)
    Vehicle.objects.filter(pk=vehicle.pk).update(state="on_trip.driving")
    before = state_of(vehicle)
    answer = order(client_of(Role.SUPERVISOR), vehicle, "ground")
    assert (answer.status_code, answer.data["code"]) == (409, "rider_on_board")
    assert state_of(vehicle) == before


def test_grounding_a_reserved_car_gives_its_ride_back(
    vehicle: Vehicle, client_of: ClientOf, ride_to: Any, owner: Any
) -> None:
    ride_to(vehicle.pk)
    assert order(client_of(Role.SUPERVISOR), vehicle, "ground").data["state"] == "non_operational.grounded"
    assert owner.told == [("failed", "look at it")]
    assert Mission.objects.get().state == "failed"


def test_holding_a_car_with_a_rider_waits_for_the_car_to_stand(
    vehicle: Vehicle, client_of: ClientOf, ride_to: Any
) -> None:
    ride_to(vehicle.pk)
    Vehicle.objects.filter(pk=vehicle.pk).update(state="on_trip.driving")
    answer = order(client_of(Role.OPERATOR), vehicle, "hold")
    assert (answer.data["state"], answer.data["held_by"]) == ("on_trip.driving", "operator")


@pytest.mark.parametrize("reason", ["", "ab", "x" * 201, None, 5.5e300, "line\nbreak", "nul\x00", ["a"]])
def test_an_order_needs_a_reason(vehicle: Vehicle, client_of: ClientOf, reason: Any) -> None:
    before = state_of(vehicle)
    answer = order(client_of(Role.OPERATOR), vehicle, "hold", reason=reason)
    if isinstance(reason, float):
        assert answer.status_code == 200  # a number is text enough
        return
    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == "reason"
    assert state_of(vehicle) == before


def test_an_order_needs_a_key_and_a_known_vehicle(vehicle: Vehicle, client_of: ClientOf) -> None:
    operator = client_of(Role.OPERATOR)
    before = state_of(vehicle)
    keyless = operator.post(f"/api/vehicles/{vehicle.pk}/hold", {"reason": "look at it"}, format="json")
    assert (keyless.status_code, keyless.data["code"]) == (400, "idempotency_key_required")
    unknown = operator.post(
        "/api/vehicles/00000000-0000-7000-8000-000000000000/hold",
        {"reason": "look at it"},
        format="json",
        headers={"Idempotency-Key": "k"},
    )
    assert (unknown.status_code, unknown.data["code"]) == (404, "unknown_vehicle")
    assert state_of(vehicle) == before


def test_the_fleet_and_one_car(vehicle: Vehicle, client_of: ClientOf, ride_to: Any, put_status: Any) -> None:
    from fleet.base import clock

    mission = ride_to(vehicle.pk)
    put_status(vehicle, clock.now())
    watcher = client_of(Role.REGULATOR)
    rows = watcher.get("/api/vehicles?state=reserved").data["results"]
    assert [(row["id"], row["ride_id"], row["soc"]) for row in rows] == [
        (str(vehicle.pk), str(mission.purpose_id), 80.0)
    ]
    assert watcher.get("/api/vehicles?state=available").data["results"] == []
    assert watcher.get("/api/vehicles?state=nonsense").data["code"] == "invalid"
    one = watcher.get(f"/api/vehicles/{vehicle.pk}").data
    assert one["last_known"]["lon"] == 7.42
    assert [leg["stop_index"] for leg in one["legs"]] == [0, 1]
    assert "public_key" not in one
