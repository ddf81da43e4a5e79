"""The thread that runs the networks: it works beside the loop, and its hanging or dying is noticed and mended."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from autonomy.hosting import Engine, HostingLimits
from autonomy.policy.host import Answer
from tests.autonomy.hosting.fakes import Clock, FakeNetwork, Gate, seen

LIMITS = HostingLimits(restarts=2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork()


@pytest.fixture
def engine(network: FakeNetwork, clock: Clock) -> Iterator[Engine]:
    engine = Engine({"fake": network}, limits=LIMITS, clock=clock)
    for car_id in ("a", "b"):
        engine.assign(car_id, "fake")
    engine.start()
    yield engine
    engine.close()


def soon(what: Callable[[], object]) -> None:
    """Waits in real time until something holds."""
    until_s = time.monotonic() + 20.0
    while not what():
        assert time.monotonic() < until_s, "it never happened"
        time.sleep(0.002)


def answers(engine: Engine, count: int = 1) -> list[Answer]:
    got: list[Answer] = []

    def enough() -> bool:
        got.extend(engine.collect())
        return len(got) >= count

    soon(enough)
    return got


def test_the_thread_answers_while_the_loop_goes_on(engine: Engine) -> None:
    engine.submit([seen("a", value=2), seen("b", value=3)])
    got = answers(engine, 2)
    assert {answer.action.car_id: answer.action.trajectory[0, 0] for answer in got} == {"a": 2, "b": 3}


def test_handing_over_and_fetching_never_wait_for_the_network(engine: Engine, network: FakeNetwork) -> None:
    network.before = gate = Gate()
    engine.submit([seen("a")])
    assert gate.entered.wait(20.0)
    network.before = lambda _: None
    for time_s in (1.0, 2.0, 3.0):  # the network works at the first picture all the time
        engine.submit([seen("a", time_s), seen("b", time_s)])
        assert engine.collect() == []
    gate.opened.set()
    last: dict[str, float] = {}

    def both_have_the_latest() -> bool:
        last.update({answer.action.car_id: answer.action.time_s for answer in engine.collect()})
        return last == {"a": 3.0, "b": 3.0}

    soon(both_have_the_latest)
    assert engine.snapshot().releases["fake"].replaced == 4


def test_a_thread_that_hangs_is_given_up_and_the_next_begins_with_empty_memories(
    engine: Engine, network: FakeNetwork, clock: Clock
) -> None:
    engine.submit([seen("a", value=5)])
    answers(engine)
    network.before = gate = Gate()
    engine.submit([seen("a", 1.0, value=5)])
    assert gate.entered.wait(20.0)
    clock.passes(1.9)
    assert engine.collect() == []
    assert engine.restarts == 0  # slow is not yet hanging
    clock.passes(0.2)
    assert engine.collect() == []
    assert (engine.restarts, engine.alive) == (1, True)
    network.before = lambda _: None
    engine.submit([seen("a", 2.0, value=5), seen("b", 2.0, value=7)])
    got = {answer.action.car_id: float(answer.action.trajectory[0, 0]) for answer in answers(engine, 2)}
    assert got == {"a": 5, "b": 7}
    gate.opened.set()  # the one that hung wakes up: nobody listens to it
    soon(lambda: sum(thread.name == "policy" for thread in threading.enumerate()) == 1)
    assert engine.collect() == []
    engine.submit([seen("a", 3.0, value=5)])
    assert answers(engine)[0].action.trajectory[0, 0] == 10


def test_without_the_watchdog_a_hanging_thread_would_never_answer_again(
    engine: Engine, network: FakeNetwork, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_watch", lambda: None)
    network.before = gate = Gate()
    engine.submit([seen("a")])
    assert gate.entered.wait(20.0)
    network.before = lambda _: None
    clock.passes(10.0)
    engine.submit([seen("b")])
    for _ in range(100):
        assert engine.collect() == []
        time.sleep(0.002)
    gate.opened.set()


def test_a_network_that_always_hangs_is_not_tried_for_ever(engine: Engine, network: FakeNetwork, clock: Clock) -> None:
    gates = []
    for _ in range(3):
        gates.append(Gate())
        network.before = gates[-1]
        engine.submit([seen("a")])
        assert gates[-1].entered.wait(20.0)
        clock.passes(2.1)
        engine.collect()
    assert (engine.restarts, engine.alive) == (3, False)
    assert not engine.snapshot().alive
    network.before = lambda _: None
    engine.submit([seen("a")])
    assert engine.collect() == []
    assert not engine.alive
    for gate in gates:
        gate.opened.set()


def test_answers_between_two_hangs_make_the_second_one_the_first_again(
    engine: Engine, network: FakeNetwork, clock: Clock
) -> None:
    for _ in range(5):
        network.before = gate = Gate()
        engine.submit([seen("a")])
        assert gate.entered.wait(20.0)
        clock.passes(2.1)
        engine.collect()
        gate.opened.set()
        network.before = lambda _: None
        engine.submit([seen("b")])
        answers(engine)
    assert (engine.restarts, engine.alive) == (5, True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_replaced(engine: Engine, network: FakeNetwork) -> None:
    def die(_: object) -> None:
        raise KeyboardInterrupt  # not an Exception: nothing in the worker catches it

    network.before = die
    engine.submit([seen("a")])
    soon(lambda: engine.collect() == [] and engine.restarts == 1)
    network.before = lambda _: None
    engine.submit([seen("a")])
    assert answers(engine)[0].action.car_id == "a"


def test_catch_up_waits_for_the_thread_and_gives_up_on_one_that_hangs(network: FakeNetwork) -> None:
    limits = HostingLimits(deadline_s=0.1, stale_s=0.2, hang_s=0.3)
    with Engine({"fake": network}, limits=limits) as engine:
        engine.assign("a", "fake")
        engine.submit([seen("a", 1.0)])
        engine.catch_up()
        assert [answer.action.time_s for answer in engine.collect()] == [1.0]
        network.before = gate = Gate()
        engine.submit([seen("a", 2.0)])
        engine.catch_up()
        assert engine.collect() == []
        gate.opened.set()


def test_close_ends_the_thread(network: FakeNetwork) -> None:
    engine = Engine({"fake": network})
    engine.start()
    engine.close()
    soon(lambda: not any(thread.name == "policy" for thread in threading.enumerate()))
