"""Several releases side by side: waves and shadow mode."""

import pytest

from autonomy.hosting import Engine, prometheus
from tests.autonomy.hosting.fakes import Clock, FakeNetwork, seen


@pytest.fixture
def old() -> FakeNetwork:
    return FakeNetwork("old")


@pytest.fixture
def new() -> FakeNetwork:
    return FakeNetwork("new", left_m=3.0)


@pytest.fixture
def engine(old: FakeNetwork, new: FakeNetwork) -> Engine:
    return Engine({"old": old, "new": new}, clock=Clock())


def plans(engine: Engine) -> dict[str, tuple[str, float]]:
    engine.catch_up()
    return {
        answer.action.car_id: (answer.release, float(answer.action.trajectory[0, 0])) for answer in engine.collect()
    }


def test_each_release_drives_its_own_cars_in_a_batch_of_its_own(
    engine: Engine, old: FakeNetwork, new: FakeNetwork
) -> None:
    for car_id, release in (("a", "old"), ("b", "new"), ("c", "old")):
        engine.assign(car_id, release)
    engine.submit([seen("a"), seen("b"), seen("c")])
    assert plans(engine) == {"a": ("old", 1), "b": ("new", 1), "c": ("old", 1)}
    assert (old.calls, new.calls) == ([["a", "c"]], [["b"]])
    assert dict(engine.snapshot().instances) == {"old": 2, "new": 1}
    assert engine.calibration_of("a") == {"uncertainty_limit": 0.8}
    assert engine.calibration_of("nobody") == {}
    assert [engine.shadow_of(car_id) for car_id in "abc"] == [None, None, None]


def test_a_car_that_changes_its_release_begins_with_an_empty_memory_and_its_old_one_is_freed(engine: Engine) -> None:
    engine.assign("a", "old")
    engine.submit([seen("a", value=5)])
    engine.catch_up()
    engine.assign("a", "new")
    assert engine.release_of("a") == "new"
    engine.submit([seen("a", value=5)])
    assert plans(engine) == {"a": ("new", 5)}
    assert dict(engine.snapshot().instances) == {"new": 1}
    engine.assign("b", "old")
    engine.submit([seen("b", value=1)])
    assert plans(engine) == {"b": ("old", 1)}


def test_the_same_release_again_keeps_the_memory(engine: Engine) -> None:
    engine.assign("a", "old")
    engine.submit([seen("a", value=5)])
    engine.catch_up()
    engine.assign("a", "old", shadow="new")
    engine.submit([seen("a", value=5)])
    assert plans(engine) == {"a": ("old", 10)}


def test_an_answer_of_the_release_that_a_car_has_left_is_not_driven(engine: Engine, old: FakeNetwork) -> None:
    engine.assign("a", "old")
    old.before = lambda _: engine.assign("a", "new")
    engine.submit([seen("a")])
    assert plans(engine) == {}


def test_a_shadow_sees_what_the_car_sees_and_never_drives(engine: Engine, old: FakeNetwork, new: FakeNetwork) -> None:
    engine.assign("a", "old", shadow="new")
    engine.submit([seen("a", 7.0)])
    assert plans(engine) == {"a": ("old", 1)}
    assert new.calls == [["a"]]
    assert (engine.release_of("a"), engine.shadow_of("a")) == ("old", "new")
    (apart,) = engine.disagreements()
    assert (apart.car_id, apart.time_s, apart.release, apart.shadow) == ("a", 7.0, "old", "new")
    assert (apart.mean_m, apart.final_m) == (3.0, 3.0)
    assert engine.disagreements() == []
    assert engine.snapshot().releases["new"].disagreement_mean_m == 3.0
    assert engine.snapshot().releases["old"].disagreement_mean_m is None


def test_shadows_wait_until_all_who_drive_are_served(engine: Engine, old: FakeNetwork, new: FakeNetwork) -> None:
    engine.assign("a", "old", shadow="new")
    engine.assign("b", "new")
    order: list[tuple[str, str]] = []
    old.before = lambda looks: order.extend(("old", one.car_id) for one in looks)
    new.before = lambda looks: order.extend(("new", one.car_id) for one in looks)
    engine.submit([seen("a"), seen("b")])
    engine.catch_up()
    assert order == [("old", "a"), ("new", "b"), ("new", "a")]


def test_a_broken_shadow_does_not_touch_the_driver(engine: Engine, new: FakeNetwork) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("shadow")

    new.before = broken
    engine.assign("a", "old", shadow="new")
    engine.submit([seen("a")])
    assert plans(engine) == {"a": ("old", 1)}
    assert engine.snapshot().releases["new"].failed == 1
    assert engine.snapshot().releases["old"].failed == 0


def test_a_shadow_that_is_taken_away_is_not_asked_any_more(engine: Engine, new: FakeNetwork) -> None:
    engine.assign("a", "old", shadow="new")
    engine.assign("a", "old")
    engine.submit([seen("a")])
    assert plans(engine) == {"a": ("old", 1)}
    assert new.calls == []


def test_disagreements_that_nobody_fetches_do_not_pile_up(engine: Engine, new: FakeNetwork) -> None:
    engine.assign("a", "old", shadow="new")
    for step in range(1500):
        engine.submit([seen("a", 0.2 * step)])
        engine.catch_up()
    found = engine.disagreements()
    assert len(found) == 1024
    assert found[-1].time_s == pytest.approx(0.2 * 1499)


def test_metrics_in_the_text_format_of_prometheus(engine: Engine) -> None:
    engine.assign("a", "old", shadow="new")
    engine.submit([seen("a")])
    engine.catch_up()
    lines = prometheus(engine.snapshot()).splitlines()
    assert 'hansom_policy_answers_total{release="old"} 1' in lines
    assert 'hansom_policy_batches_total{release="new",size="1"} 1' in lines
    assert 'hansom_policy_cars{release="old",role="drives"} 1' in lines
    assert 'hansom_policy_cars{release="new",role="shadow"} 1' in lines
    assert 'hansom_policy_shadow_disagreement_metres{release="new"} 3' in lines
    assert 'hansom_policy_latency_seconds{release="old",quantile="0.99"} 0' in lines
    assert "hansom_policy_alive 1" in lines
    assert engine.report() == "\n".join(lines) + "\n"
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) == 14
