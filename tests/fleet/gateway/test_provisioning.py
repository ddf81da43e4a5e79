import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from autonomy.agent.config import load_cars
from fleet.depots import selectors as depots
from fleet.depots import services as depot_services
from fleet.gateway.keys import NAME, command_public_key
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Refusal


def test_new_cars_are_in_service_and_their_computers_can_start(db: None, tmp_path: Path) -> None:
    places = ["7.42,43.73", "7.43,43.74", "7.44,43.75"]
    call_command("provision_cars", "--at", *places, "--cars-dir", str(tmp_path), verbosity=0)
    cars = load_cars(tmp_path)
    rows = {str(vehicle.pk): vehicle for vehicle in Vehicle.objects.all()}
    assert {car.vehicle_id for car in cars} == set(rows)
    assert sorted(car.file.start for car in cars) == [(7.42, 43.73), (7.43, 43.74), (7.44, 43.75)]
    assert {vehicle.state for vehicle in rows.values()} == {"available.idle"}
    assert {car.file.fleet_key for car in cars} == {command_public_key()}
    assert {stat.S_IMODE((car.folder / "key.pem").stat().st_mode) for car in cars} == {0o600}


def test_a_second_batch_goes_on_counting(db: None, tmp_path: Path) -> None:
    for _ in range(2):
        call_command("provision_cars", "--at", "7.42,43.73", "7.43,43.74", "--cars-dir", str(tmp_path), verbosity=0)
    assert sorted(Vehicle.objects.values_list("plate", flat=True)) == ["HNS-0001", "HNS-0002", "HNS-0003", "HNS-0004"]
    assert Vehicle.objects.filter(wheelchair_accessible=True).count() == 1


@pytest.mark.parametrize("arguments", [["--at", "200,0"], ["--at", "here"], ["--count", "0"], ["--count", "-3"]])
def test_nonsense_makes_no_car(db: None, tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("provision_cars", *arguments, "--cars-dir", str(tmp_path), verbosity=0)
    assert Vehicle.objects.count() == 0
    assert list(tmp_path.iterdir()) == []


def test_without_a_city_there_is_no_place_to_start(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*args: Any, **options: Any) -> list[Any]:
        return []

    monkeypatch.setattr("geofence.stops.selectors.near", nothing)
    with pytest.raises(CommandError):
        call_command("provision_cars", "--count", "2", "--cars-dir", str(tmp_path), verbosity=0)
    assert Vehicle.objects.count() == 0


def test_the_fleets_key_is_made_once_and_for_its_owner_only(settings: Any) -> None:
    first = command_public_key()
    path = Path(settings.HANSOM_KEYS_DIR) / NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert command_public_key() == first
    assert [entry.name for entry in path.parent.iterdir() if entry.name.startswith(".")] == []


def test_depots_are_named_once_and_on_earth(db: None, tmp_path: Path) -> None:
    depot = depot_services.depot_create(name="Harbour", lon=7.42, lat=43.73, bays=3, actor="t")
    faults: list[dict[str, Any]] = [{"name": "Harbour"}, {"name": "Sky", "lat": 95.0}, {"name": "None", "bays": 0}]
    for wrong in faults:
        with pytest.raises(Refusal):
            depot_services.depot_create(**{"name": "x", "lon": 7.42, "lat": 43.73, "bays": 3, "actor": "t", **wrong})
    call_command("provision_cars", "--at", "7.42,43.73", "--cars-dir", str(tmp_path), verbosity=0)
    assert [(row.id, row.cars_at_home) for row in depots.all_depots()] == [(depot.pk, 1)]
    car = json.loads(next(tmp_path.glob("*/car.json")).read_text())
    assert (car["platform"], car["seats"]) == ("p7", 4)
