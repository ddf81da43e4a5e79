"""Instances, queues of one, batches and memories, without a thread: `catch_up` works in the caller's."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.hosting import Engine, HostingLimits
from autonomy.policy.host import Host
from autonomy.world.action import Action
from tests.autonomy.hosting.fakes import Clock, FakeNetwork, FakeShot, bare, seen


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork()


@pytest.fixture
def engine(network: FakeNetwork, clock: Clock) -> Engine:
    engine = Engine({"fake": network}, clock=clock)
    for car_id in ("a", "b", "c"):
        engine.assign(car_id, "fake")
    return engine


def sums(engine: Engine) -> dict[str, float]:
    engine.catch_up()
    return {answer.action.car_id: float(answer.action.trajectory[0, 0]) for answer in engine.collect()}


def test_an_engine_is_a_host(engine: Engine) -> None:
    host: Host = engine
    assert host.release_of("a") == "fake"
    assert host.release_of("nobody") is None


def test_cars_of_a_release_are_run_in_one_batch_and_each_has_its_own_memory(
    engine: Engine, network: FakeNetwork
) -> None:
    engine.submit([seen("a", value=1), seen("b", value=10), seen("c", value=100)])
    assert sums(engine) == {"a": 1, "b": 10, "c": 100}
    engine.submit([seen("c", value=100), seen("a", value=1)])
    assert sums(engine) == {"a": 2, "c": 200}
    assert network.calls == [["a", "b", "c"], ["a", "c"]]
    assert engine.snapshot().releases["fake"].batches == {2: 1, 3: 1}


def test_the_queue_holds_one_observation_the_latest_one(engine: Engine) -> None:
    for time_s in (1.0, 1.2, 1.4):
        engine.submit([seen("a", time_s, value=1)])
    engine.catch_up()
    (answer,) = engine.collect()
    assert answer.action.time_s == 1.4
    assert answer.action.trajectory[0, 0] == 1.0  # the two before were never looked at
    assert engine.snapshot().releases["fake"].replaced == 2


def test_an_answer_that_nobody_fetched_gives_way_to_the_newer_one(engine: Engine) -> None:
    for time_s in (1.0, 1.2):
        engine.submit([seen("a", time_s)])
        engine.catch_up()
    assert [answer.action.time_s for answer in engine.collect()] == [1.2]
    assert engine.collect() == []


def test_batches_are_no_larger_than_the_limit_and_those_who_wait_longest_come_first(
    network: FakeNetwork, clock: Clock
) -> None:
    engine = Engine({"fake": network}, limits=HostingLimits(batch=2), clock=clock)
    for car_id in "abc":
        engine.assign(car_id, "fake")
    for car_id in "cab":
        engine.submit([seen(car_id)])
        clock.passes(0.01)
    engine.catch_up()
    assert network.calls == [["c", "a"], ["b"]]


def test_a_picture_that_waited_too_long_is_not_looked_at(engine: Engine, network: FakeNetwork, clock: Clock) -> None:
    engine.submit([seen("a")])
    clock.passes(0.61)
    engine.submit([seen("b")])
    assert list(sums(engine)) == ["b"]
    assert network.calls == [["b"]]
    assert engine.snapshot().releases["fake"].stale == 1


def test_an_answer_after_the_deadline_counts_as_missed_and_one_much_later_is_thrown_away(
    engine: Engine, network: FakeNetwork, clock: Clock
) -> None:
    network.before = lambda _: clock.passes(0.25)
    engine.submit([seen("a")])
    engine.catch_up()
    (answer,) = engine.collect()
    assert answer.missed
    assert answer.latency_s == pytest.approx(0.25)
    network.before = lambda _: clock.passes(0.65)
    engine.submit([seen("a")])
    engine.catch_up()
    assert engine.collect() == []
    figures = engine.snapshot().releases["fake"]
    assert (figures.answers, figures.missed, figures.stale) == (1, 1, 1)
    network.before = lambda _: clock.passes(0.1)
    engine.submit([seen("a")])
    engine.catch_up()
    assert not engine.collect()[0].missed


def test_each_car_has_its_own_deadline(network: FakeNetwork, clock: Clock) -> None:
    engine = Engine({"fake": network}, clock=clock)
    engine.assign("strict", "fake", deadline_s=0.05)
    engine.assign("patient", "fake", deadline_s=0.15)
    network.before = lambda _: clock.passes(0.1)
    engine.submit([seen("strict"), seen("patient")])
    engine.catch_up()
    assert {answer.action.car_id: answer.missed for answer in engine.collect()} == {"strict": True, "patient": False}


def test_punctuality_is_counted_car_by_car(engine: Engine, network: FakeNetwork, clock: Clock) -> None:
    for wait_s in (0.1, 0.1, 0.3):
        network.before = lambda _, wait_s=wait_s: clock.passes(wait_s)  # type: ignore[misc]
        engine.submit([seen("a")])
        engine.catch_up()
    said = engine.punctuality("a")
    assert (said.deadline_ms, said.missed) == (200.0, 1)
    assert said.latency_p99_ms == pytest.approx(296.0)
    assert engine.punctuality("b").latency_p99_ms == 0.0
    with pytest.raises(KeyError):
        engine.punctuality("nobody")


def test_reset_empties_the_memory_of_that_car_only(engine: Engine) -> None:
    engine.submit([seen("a", value=5), seen("b", value=7)])
    engine.catch_up()
    engine.reset(["a"])
    assert engine.collect()[0].action.car_id == "b"  # the answer of the car that was reset is gone as well
    engine.submit([seen("a", value=5), seen("b", value=7)])
    assert sums(engine) == {"a": 5, "b": 14}


def test_a_new_car_in_the_place_of_one_that_left_remembers_nothing_of_it(engine: Engine) -> None:
    engine.submit([seen("a", value=9)])
    engine.catch_up()
    engine.remove("a")
    engine.assign("d", "fake")
    engine.submit([seen("d", value=1)])
    assert sums(engine) == {"d": 1}
    with pytest.raises(KeyError):
        engine.submit([seen("a")])


def test_memory_grows_with_cars_and_keeps_what_they_remember(network: FakeNetwork) -> None:
    engine = Engine({"fake": network})
    engine.assign("first", "fake")
    engine.submit([seen("first", value=3)])
    engine.catch_up()
    ids = [f"car-{number}" for number in range(40)]
    for car_id in ids:
        engine.assign(car_id, "fake")
    engine.submit([seen(car_id, value=2) for car_id in ids])
    engine.submit([seen("first", value=3)])
    answers = sums(engine)
    assert answers["first"] == 6
    assert {answers[car_id] for car_id in ids} == {2}


def test_a_network_that_fails_on_one_car_costs_the_others_nothing(engine: Engine, network: FakeNetwork) -> None:
    def fail_on_b(observations: list[object]) -> None:
        if any(getattr(one, "car_id", "") == "b" for one in observations):
            raise RuntimeError("bad picture")

    engine.submit([seen("a"), seen("b"), seen("c")])
    engine.catch_up()
    engine.collect()
    network.before = fail_on_b  # type: ignore[assignment]
    engine.submit([seen("a"), seen("b"), seen("c")])
    assert sums(engine) == {"a": 2, "c": 2}
    assert engine.snapshot().releases["fake"].failed == 2
    network.before = lambda _: None
    engine.submit([seen("a"), seen("b"), seen("c")])
    assert sums(engine) == {"a": 3, "b": 1, "c": 3}  # what failed begins anew


def test_an_answer_that_is_not_a_number_is_passed_on_but_does_not_stay_in_the_memory(
    engine: Engine, network: FakeNetwork
) -> None:
    engine.submit([seen("a", value=4)])
    engine.catch_up()
    network.spoil = lambda action: replace(action, trajectory=np.full_like(action.trajectory, np.nan))
    engine.submit([seen("a", value=4)])
    engine.catch_up()
    assert not np.isfinite(engine.collect()[-1].action.trajectory).any()
    assert engine.snapshot().releases["fake"].faulty == 1
    network.spoil = lambda action: action
    engine.submit([seen("a", value=4)])
    assert sums(engine) == {"a": 4}


def test_a_network_that_answers_for_another_car_is_not_believed(engine: Engine, network: FakeNetwork) -> None:
    network.spoil = lambda action: replace(action, car_id="b")
    engine.submit([seen("a")])
    engine.catch_up()
    assert engine.collect() == []
    assert engine.snapshot().releases["fake"].failed == 1


def test_the_time_of_an_action_is_that_of_the_observation_whatever_the_network_says(
    engine: Engine, network: FakeNetwork
) -> None:
    network.spoil = lambda action: Action("a", 999.0, action.trajectory)
    engine.submit([seen("a", 12.5)])
    engine.catch_up()
    assert engine.collect()[0].action.time_s == 12.5


def test_only_cars_that_somebody_reads_are_put_into_words(engine: Engine) -> None:
    engine.explain(["b"])
    engine.submit([seen("a"), seen("b")])
    engine.catch_up()
    said = {answer.action.car_id: answer.action.explanation for answer in engine.collect()}
    assert said == {"a": "", "b": "fake says 1"}


def test_pictures_are_drawn_by_the_worker_once_for_the_batch_and_come_back_with_the_answer(engine: Engine) -> None:
    shot = FakeShot(3.0, value=6)
    engine.submit([bare("a", 3.0), bare("b", 3.0)], shot)
    assert shot.asked == []
    engine.catch_up()
    assert shot.asked == [["a", "b"]]
    for answer in engine.collect():
        assert answer.action.trajectory[0, 0] == 6
        assert answer.seen.frames is not None
        assert answer.seen.frames.time_s == 3.0


def test_without_pictures_there_is_no_answer_and_the_memory_begins_anew(engine: Engine) -> None:
    engine.submit([seen("a", value=2), seen("b", value=2)])
    engine.catch_up()
    engine.collect()
    engine.submit([bare("a")], FakeShot(broken=["a"]))
    engine.submit([seen("b", value=2)])
    assert sums(engine) == {"b": 4}
    assert engine.snapshot().releases["fake"].failed == 1
    engine.submit([bare("a")], FakeShot(value=2))
    assert sums(engine) == {"a": 2}


def test_refusals_name_what_is_wrong(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"release: 'vla-9' is not loaded; there are fake"):
        engine.assign("a", "vla-9")
    assert engine.release_of("a") == "fake"
    with pytest.raises(ValueError, match="frames: the observation of a has no pictures"):
        engine.submit([bare("a")])
    with pytest.raises(KeyError):
        engine.remove("nobody")
    with pytest.raises(ValueError, match="deadline_s, stale_s, hang_s"):
        HostingLimits(deadline_s=1.0, stale_s=0.5)
    with pytest.raises(ValueError, match="batch: 0"):
        HostingLimits(batch=0)


def test_warm_up_runs_every_release_at_every_size(network: FakeNetwork) -> None:
    other = FakeNetwork("other")
    Engine({"fake": network, "other": other}).warm_up((1, 8))
    assert network.warmed == other.warmed == [1, 8]
