"""Hours of driving must not cost more memory than minutes."""

import gc
import tracemalloc

import pytest

from autonomy.hosting import Engine, instance, metrics, shadow
from tests.autonomy.hosting.fakes import FakeNetwork, seen

CARS = [f"car-{number}" for number in range(8)]


def drive(engine: Engine, steps: int) -> int:
    """Bytes that Python holds after so many steps of eight cars."""
    for step in range(steps):
        engine.submit([seen(car_id, 0.2 * step) for car_id in CARS])
        engine.catch_up()
        engine.collect()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_memory_is_steady_over_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "WINDOW", 256)
    monkeypatch.setattr(shadow, "MOST", 64)
    monkeypatch.setattr(instance, "LATENCIES", 32)
    old, new = FakeNetwork("old"), FakeNetwork("new", left_m=1.0)
    engine = Engine({"old": old, "new": new})
    for car_id in CARS:
        engine.assign(car_id, "old", shadow="new")
    tracemalloc.start()
    try:
        settled = drive(engine, 100)  # the windows of the metrics are full
        old.calls.clear()
        new.calls.clear()
        later = drive(engine, 400)
        old.calls.clear()
        new.calls.clear()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert later > settled  # the test's own record of calls: a leak of one list a step would be seen
    assert after - settled < 20_000


def test_cars_that_come_and_go_use_their_rows_again() -> None:
    network = FakeNetwork()
    engine = Engine({"fake": network})
    for number in range(100):
        engine.assign(f"car-{number}", "fake")
        engine.submit([seen(f"car-{number}")])
        engine.catch_up()
        assert engine.collect()[0].action.trajectory[0, 0] == 1.0
        engine.remove(f"car-{number}")
    engine.assign("last", "fake")
    slots = [one.slot for one in engine._board.groups["fake"].instances.values()]
    assert slots == [0]
