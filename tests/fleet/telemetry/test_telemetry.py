import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st

from fleet.base import clock
from fleet.base.ids import new_id
from fleet.telemetry import partitions, recorder, writer
from fleet.telemetry.domain import Sample, disbelief, distance_m
from fleet.telemetry.live import Hub, Position, Publisher
from fleet.telemetry.models import TelemetrySample, VehicleStatus
from fleet.telemetry.recorder import Recorder
from fleet.telemetry.tasks import keep_partitions
from fleet.vehicles.models import Vehicle

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def make_sample(vehicle_id: Any, **fields: Any) -> Sample:
    now = fields.pop("now", None) or clock.now()
    known: dict[str, Any] = {
        "vehicle_id": vehicle_id,
        "epoch": 0,
        "received_at": now,
        "live": True,
        "ts": now,
        "lon": 7.42,
        "lat": 43.73,
        "heading_deg": 90.5,
        "speed_mps": 5.25,
        "accel_mps2": -0.5,
        "soc_pct": 80.5,
        "odometer_m": 123456.75,
        "drive_mode": "AUTONOMOUS",
        "odd_status": "near_edge",
        "doors_open": True,
        "occupied": False,
        "hazard_lights": True,
        "mission_id": None,
        "mission_version": 3,
        "stop_index": 1,
        "remaining_m": 10.5,
        "remaining_s": 2.5,
        "edge": None,
        "offset_m": 0.25,
    }
    return Sample(**{**known, **fields})


STORED = [name for name in Sample.__dataclass_fields__ if name not in ("epoch", "live")]


def test_what_is_packed_is_what_is_read(vehicle: Vehicle) -> None:
    given_samples = [
        make_sample(vehicle.pk),
        make_sample(vehicle.pk, mission_id=new_id(), edge=77, drive_mode="MRC_REACHED", odd_status="inside"),
    ]
    assert writer.write(given_samples, {}) == writer.Written(2, 0)
    rows = {row["mission_id"]: row for row in TelemetrySample.objects.values(*STORED)}
    for sample in given_samples:
        assert rows[sample.mission_id] == {name: getattr(sample, name) for name in STORED}


def test_the_last_known_state_is_the_newest_whatever_comes_last(vehicle: Vehicle) -> None:
    now = clock.now()
    writer.write(
        [make_sample(vehicle.pk, now=now, lon=7.1), make_sample(vehicle.pk, ts=now - timedelta(1), lon=7.0)], {}
    )
    assert VehicleStatus.objects.get().lon == 7.1
    writer.write([make_sample(vehicle.pk, ts=now - timedelta(minutes=1), lon=7.2)], {})
    assert VehicleStatus.objects.get().lon == 7.1
    writer.write([make_sample(vehicle.pk, ts=now + timedelta(seconds=1), lon=7.3)], {})
    assert (VehicleStatus.objects.get().lon, TelemetrySample.objects.count()) == (7.3, 4)


def test_hearing_a_car_moves_its_time_and_never_back(vehicle: Vehicle) -> None:
    now = clock.now()
    writer.write([make_sample(vehicle.pk, now=now)], {})
    writer.write([], {vehicle.pk: (0, now + timedelta(seconds=5))})
    assert VehicleStatus.objects.get().heard_at == now + timedelta(seconds=5)
    writer.write([], {vehicle.pk: (0, now)})
    assert VehicleStatus.objects.get().heard_at == now + timedelta(seconds=5)


def test_an_older_session_writes_only_what_came_before_the_newer_one(vehicle: Vehicle) -> None:
    now = clock.now()
    Vehicle.objects.filter(pk=vehicle.pk).update(session_epoch=2, session_opened_at=now)
    late = make_sample(vehicle.pk, epoch=1, now=now + timedelta(seconds=1))
    early = make_sample(vehicle.pk, epoch=1, now=now - timedelta(seconds=1))
    unknown = make_sample(new_id())
    assert writer.write([late, early, unknown], {}) == writer.Written(1, 2)
    assert TelemetrySample.objects.get().ts == early.ts


def test_updates_of_the_last_known_state_stay_on_their_page(vehicle: Vehicle) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'fleet_vehiclestatus'")
        assert cursor.fetchone() == (["fillfactor=50"],)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'fleet_vehiclestatus'")
        assert cursor.fetchone() == (1,)


def test_days_are_made_ahead_and_dropped_whole(db: None, settings: Any) -> None:
    today = date(2031, 3, 1)
    made = partitions.ensure(today)
    assert made == [f"fleet_telemetrysample_2031{d}" for d in ("0227", "0228", "0301", "0302", "0303", "0304")]
    assert partitions.ensure(today) == []
    assert [name for name in partitions.drop_before(date(2031, 3, 2)) if "2031" in name] == made[:3]
    assert [name for name in partitions.existing() if "2031" in name] == made[3:]


def test_the_daily_task_keeps_what_is_young(db: None, settings: Any) -> None:
    settings.HANSOM_TELEMETRY_DAYS = 30
    before = partitions.existing()
    partitions.ensure(clock.now().date() - timedelta(days=60))
    keep_partitions()
    keep_partitions()
    assert set(before) <= set(partitions.existing())
    assert min(partitions.existing()) >= partitions.name_of(clock.now().date() - timedelta(days=30))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (None, {}, None),
        (None, {"ts": NOW - timedelta(hours=37)}, "too_old"),
        (None, {"ts": NOW + timedelta(seconds=6)}, "from_future"),
        ({"lon": 7.42}, {"lon": 7.43}, "jump"),
        ({"lon": 7.42, "ts": NOW - timedelta(seconds=10)}, {"lon": 7.43}, None),
        ({"lon": 7.42}, {"lon": 8.43, "ts": NOW - timedelta(seconds=1)}, None),  # buffered: order tells nothing
    ],
)
def test_what_can_not_be_true_is_not_believed(before: Any, after: Any, reason: str | None) -> None:
    car = new_id()
    known = make_sample(car, now=NOW, **before) if before is not None else None
    assert disbelief(make_sample(car, now=NOW, **after), known) == reason


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_distances_agree_with_the_sphere(lon: float, lat: float, east: float, north: float) -> None:
    from math import asin, cos, radians, sin, sqrt

    h = sin(radians(north) / 2) ** 2 + cos(radians(lat)) * cos(radians(lat + north)) * sin(radians(east) / 2) ** 2
    sphere = 2 * 6_378_137.0 * asin(sqrt(h))
    assert distance_m(lon, lat, lon + east, lat + north) == pytest.approx(sphere, rel=2e-3, abs=0.01)


class SilentPublisher(Publisher):
    def __init__(self) -> None:
        self.sent: list[Position] = []

    async def publish(self, positions: Any) -> None:
        self.sent += positions


def make_recorder(run: Callable[..., Any]) -> tuple[Recorder, SilentPublisher]:
    async def in_thread(function: Callable[[], Any], /) -> Any:
        return run(function)

    publisher = SilentPublisher()
    return Recorder(in_thread, publisher), publisher


async def test_reports_wait_for_a_database_that_is_away() -> None:
    away, written = True, []

    def run(function: Callable[[], Any]) -> writer.Written:
        if away:
            raise OperationalError("gone")
        written.extend(function.args[0])  # type: ignore[attr-defined]
        return writer.Written(len(function.args[0]), 0)  # type: ignore[attr-defined]

    keeper, _ = make_recorder(run)
    samples = [make_sample(new_id()) for _ in range(5)]
    keeper.take(samples[:3])
    await keeper.persist()
    keeper.take(samples[3:])
    away = False
    await keeper.persist()
    assert written == samples
    assert keeper.counts["stored"] == 5
    assert keeper.counts["dropped"] == 0


async def test_too_many_waiting_reports_are_dropped_oldest_first_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_WAITING", 3)
    written: list[Sample] = []

    def run(function: Callable[[], Any]) -> writer.Written:
        written.extend(function.args[0])  # type: ignore[attr-defined]
        return writer.Written(len(function.args[0]), 0)  # type: ignore[attr-defined]

    keeper, _ = make_recorder(run)
    samples = [make_sample(new_id()) for _ in range(5)]
    keeper.take(samples)
    await keeper.persist()
    assert written == samples[2:]
    assert keeper.counts["dropped"] == 2


async def test_a_stalled_database_does_not_stop_the_map() -> None:
    stall = asyncio.Event()

    async def in_thread(function: Callable[[], Any], /) -> Any:
        await stall.wait()
        return writer.Written(1, 0)

    publisher = SilentPublisher()
    keeper = Recorder(in_thread, publisher)
    tasks = [asyncio.create_task(keeper.persist_forever()), asyncio.create_task(keeper.publish_forever())]
    car = new_id()
    now = clock.now()
    keeper.take([make_sample(car, now=now, lon=7.42)])
    await asyncio.sleep(0.7)
    keeper.take([make_sample(car, now=now + timedelta(seconds=1), lon=7.4201)])
    keeper.take([make_sample(car, now=now + timedelta(seconds=2), lon=7.4202)])
    await asyncio.sleep(0.7)
    for task in tasks:
        task.cancel()
    assert [position.lon for position in publisher.sent] == [7.42, 7.4202]  # latest wins


async def test_buffered_reports_do_not_move_cars_on_the_map() -> None:
    keeper, publisher = make_recorder(lambda function: writer.Written(0, 0))
    keeper.take([make_sample(new_id(), live=False)])
    task = asyncio.create_task(keeper.publish_forever())
    await asyncio.sleep(0.6)
    task.cancel()
    assert publisher.sent == []


def position(car: str, lon: float, seen_ms: int) -> Position:
    return Position(car, lon, 43.7, 0.0, 1.0, 50.0, seen_ms)


async def test_a_hub_gives_each_reader_what_is_new_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "_load", lambda self, since: asyncio.sleep(0))
    hub = Hub()
    fast, slow = hub.frames(every_s=0.01), hub.frames(every_s=0.01)
    hub.take([position("a", 1.0, 1), position("b", 1.0, 1)])
    assert {p.vehicle_id for p in await anext(fast)} == {"a", "b"}
    hub.take([position("a", 2.0, 2)])
    assert [(p.vehicle_id, p.lon) for p in await anext(fast)] == [("a", 2.0)]
    hub.take([position("a", 3.0, 3)])
    hub.take([position("a", 2.5, 2)])  # late: older than what is known
    assert {(p.vehicle_id, p.lon) for p in await anext(slow)} == {("a", 3.0), ("b", 1.0)}
    await fast.aclose()  # type: ignore[attr-defined]
    await slow.aclose()  # type: ignore[attr-defined]
    assert hub._task is None


async def test_published_positions_reach_a_hub_over_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "_load", lambda self, since: asyncio.sleep(0))
    hub, publisher = Hub(), Publisher()
    frames = hub.frames(every_s=0.05)

    async def keep_publishing() -> None:
        while True:
            await publisher.publish([position("a", 1.5, 1)])
            await asyncio.sleep(0.05)

    ringing = asyncio.create_task(keep_publishing())
    async with asyncio.timeout(5):
        got = await anext(frames)
    ringing.cancel()
    await frames.aclose()  # type: ignore[attr-defined]
    await publisher.close()
    assert got == [position("a", 1.5, 1)]


async def test_without_redis_publishing_is_counted_and_raises_nothing(settings: Any) -> None:
    settings.HANSOM_REDIS_URL = "redis://127.0.0.1:1/0"
    publisher = Publisher()
    await publisher.publish([position("a", 1.0, 1)])
    await publisher.close()
    assert publisher.dropped == 1
