"""Deaths at the worst moment, and the controls: broken variants that the verification of a story must catch."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ops.processes import PYTHON
from ops.stack import Stack, StackError
from tests.live.conftest import StackMaker
from tests.live.story import await_true, booked_states, play, verify
from tests.live.test_kill_minus_nine import flush_redis, kill_and_restart

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]
ENDED = {"completed", "cancelled", "no_show", "rejected", "failed"}
# A rider of a control gives up after this many wall seconds: several times what an undisturbed ride takes.
LIMIT_S = 30.0


def saboteur(stack: Stack, name: str) -> list[str]:
    """Command line that starts the saboteur in the place of process `name`."""
    command, module = stack.table[name], f"tests.live.saboteurs.{name}"
    if name == "web":
        return [*command[:-1], f"{module}:application"]
    if name == "sockets":
        return [f"{module}:application" if part == "fleet.asgi:application" else part for part in command]
    # `python -m celery … worker …`, `python -m autonomy agent …`, `python manage.py run_dispatcher`
    first = {"worker": "worker", "agent": "agent", "dispatcher": "run_dispatcher"}[name]
    return [PYTHON, "-m", module, *command[command.index(first) :]]


@contextmanager
def sabotaged(make_stack: StackMaker, *names: str, sabotage: str = "", cars: int) -> Iterator[Stack]:
    """A running stack in which some processes are replaced by their saboteurs."""
    stack = make_stack(cars=cars)
    stack.place.extra_env["SABOTAGE"] = sabotage
    for name in names:
        stack.table[name] = saboteur(stack, name)
    with stack.up():
        yield stack


def revive(stack: Stack, name: str, seconds: float = 90) -> None:
    """Wait until the saboteur has struck, and start the process again."""
    await_true((stack.place.var / f"died-{name}").exists, f"{name} dies at its worst moment", seconds)
    stack.kill(name)
    stack.start(name)


def under_way(stack: Stack) -> int:
    return sum(number for state, number in booked_states(stack).items() if state not in ENDED)


def test_rides_survive_deaths_at_the_worst_moment(make_stack: StackMaker) -> None:
    """Between commit and answer, between commit and acknowledgement, and between the halves of a transaction."""
    with sabotaged(make_stack, "web", "sockets", "agent", "worker", cars=4) as stack:
        demand = play(stack, rides=3)
        for name in ("web", "agent", "sockets", "worker"):
            revive(stack, name)
        verify(stack, demand, before={}, seconds=100)


def test_control_a_server_that_forgets_keys_books_twice(make_stack: StackMaker) -> None:
    with sabotaged(make_stack, "web", sabotage="no-idempotency", cars=4) as stack:
        demand = play(stack, rides=2, limit_s=LIMIT_S)
        revive(stack, "web")
        with pytest.raises((AssertionError, StackError)):
            verify(stack, demand, before={}, seconds=60)
        assert sum(booked_states(stack).values()) > 2


def test_control_a_gateway_that_acknowledges_before_it_stores_loses_an_arrival(make_stack: StackMaker) -> None:
    with sabotaged(make_stack, "sockets", sabotage="ack-first", cars=4) as stack:
        demand = play(stack, rides=2, limit_s=LIMIT_S)
        revive(stack, "sockets")
        with pytest.raises((AssertionError, StackError)):
            verify(stack, demand, before={}, seconds=60)
        assert under_way(stack) >= 1


def test_control_a_worker_that_pops_its_work_loses_a_receipt(make_stack: StackMaker) -> None:
    with sabotaged(make_stack, "worker", sabotage="pop-first", cars=4) as stack:
        demand = play(stack, rides=2)
        revive(stack, "worker")
        with pytest.raises((AssertionError, StackError), match=r"receipt|billed"):
            verify(stack, demand, before={}, seconds=60)


@pytest.mark.parametrize("sabotage", ["memory", "redis"])
def test_control_a_dispatcher_that_keeps_its_work_elsewhere_loses_rides(make_stack: StackMaker, sabotage: str) -> None:
    """Killed, or with Redis flushed, while rides wait: there is one car, so that some must."""
    with sabotaged(make_stack, "dispatcher", sabotage=sabotage, cars=1) as stack:
        demand = play(stack, rides=3, rate=300, limit_s=LIMIT_S)
        await_true(lambda: booked_states(stack).get("matching", 0) >= 2, "rides that wait for a car", 30)
        if sabotage == "memory":
            kill_and_restart("dispatcher")(stack)
        else:
            flush_redis(stack)
        with pytest.raises((AssertionError, StackError)):
            verify(stack, demand, before={}, seconds=60)
        assert booked_states(stack)["matching"] >= 1


def test_control_an_agent_that_writes_deeds_before_their_events_loses_an_arrival(make_stack: StackMaker) -> None:
    with sabotaged(make_stack, "agent", sabotage="no-outbox", cars=3) as stack:
        demand = play(stack, rides=2, limit_s=LIMIT_S)
        revive(stack, "agent")
        with pytest.raises((AssertionError, StackError)):
            verify(stack, demand, before={}, seconds=60)
        assert under_way(stack) >= 1
