"""Any process may be killed in mid-ride, and Redis may lose everything: no ride is lost and none is doubled.

Each fault has its control below: a variant that breaks the rule which carries us through, and which the same
verification must catch.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from ops.processes import PYTHON
from ops.services import read_env
from ops.stack import Stack, StackError
from tests.live.conftest import StackMaker
from tests.live.story import await_rides_under_way, await_true, booked_states, count, play, verify

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]
RIDES = 6
AWAY_S = 2.0


def flush_redis(stack: Stack) -> None:
    redis.Redis.from_url(read_env()["HANSOM_REDIS_URL"]).flushall()


def kill_and_restart(name: str) -> Callable[[Stack], None]:
    def fault(stack: Stack) -> None:
        stack.kill(name)
        time.sleep(AWAY_S)
        stack.start(name)

    return fault


FAULTS: dict[str, Callable[[Stack], None]] = {
    "dispatcher": kill_and_restart("dispatcher"),
    "worker": kill_and_restart("worker"),
    "web": kill_and_restart("web"),
    "sockets": kill_and_restart("sockets"),
    "agent": kill_and_restart("agent"),
    "redis_flushall": flush_redis,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_rides_survive(stack: Stack, fault: str) -> None:
    before = booked_states(stack)
    demand = play(stack, rides=RIDES, seed=len(fault))
    await_rides_under_way(stack)
    FAULTS[fault](stack)
    verify(stack, demand, before=before, seconds=120)


def sabotaged(stack: Stack, name: str, sabotage: str = "") -> dict[str, Any]:
    """Replace a process by its saboteur."""
    stack.place.extra_env["SABOTAGE"] = sabotage
    command = stack.table[name]
    module = f"tests.live.saboteurs.{name}"
    if name == "web":
        command = [*command[:-1], f"{module}:application"]
    elif name == "sockets":
        command = [f"{module}:application" if part == "fleet.asgi:application" else part for part in command]
    elif name == "worker":
        command = [PYTHON, "-m", module, *command[command.index("worker") :]]
    elif name == "agent":
        command = [PYTHON, "-m", module, *command[command.index("agent") :]]
    else:
        command = [PYTHON, "-m", module]
    stack.table[name] = command
    return {}


def died(stack: Stack) -> bool:
    return (stack.place.var / "died").exists()


def revive(stack: Stack, name: str, seconds: float = 60) -> None:
    """Wait until the saboteur has struck, and start the process again."""
    await_true(lambda: died(stack), f"{name} dies at its worst moment", seconds)
    stack.kill(name)
    stack.start(name)


@pytest.mark.parametrize("name", ["web", "sockets", "worker"])
def test_rides_survive_a_death_at_the_worst_moment(make_stack: StackMaker, name: str) -> None:
    """After the commit and before the answer, the acknowledgement, or between the halves of a transaction."""
    stack = make_stack(cars=4)
    sabotaged(stack, name)
    stack.start()
    demand = play(stack, rides=3)
    revive(stack, name)
    verify(stack, demand, before={}, seconds=100)
    stack.stop()


@pytest.mark.parametrize(
    ("name", "sabotage"), [("web", "no-idempotency"), ("sockets", "ack-first"), ("worker", "claim-first")]
)
def test_control_a_death_at_the_worst_moment_is_caught(make_stack: StackMaker, name: str, sabotage: str) -> None:
    stack = make_stack(cars=4)
    sabotaged(stack, name, sabotage)
    stack.start()
    demand = play(stack, rides=3, limit_s=35)
    revive(stack, name)
    with pytest.raises((AssertionError, StackError)):
        verify(stack, demand, before={}, seconds=60)
    stack.stop()


@pytest.mark.parametrize("sabotage", ["memory", "redis"])
def test_control_a_dispatcher_that_keeps_its_work_elsewhere_is_caught(make_stack: StackMaker, sabotage: str) -> None:
    """Killed, or with Redis flushed, while rides wait for a car: two cars, so that some must wait."""
    stack = make_stack(cars=1)
    sabotaged(stack, "dispatcher", sabotage)
    stack.start()
    demand = play(stack, rides=3, rate=200, limit_s=45)
    await_true(lambda: booked_states(stack).get("matching", 0) >= 2, "rides that wait for a car", 30)
    if sabotage == "memory":
        kill_and_restart("dispatcher")(stack)
    else:
        flush_redis(stack)
    with pytest.raises((AssertionError, StackError)):
        verify(stack, demand, before={}, seconds=70)
    assert booked_states(stack).get("matching", 0) >= 1
    stack.stop()


def test_control_an_agent_without_a_journal_is_caught(make_stack: StackMaker) -> None:
    stack = make_stack(cars=3)
    sabotaged(stack, "agent")
    stack.start()
    demand = play(stack, rides=3, limit_s=45)
    await_true(lambda: booked_states(stack).get("on_trip", 0) >= 1, "somebody rides", 45)
    kill_and_restart("agent")(stack)
    with pytest.raises((AssertionError, StackError)):
        verify(stack, demand, before={}, seconds=70)
    stack.stop()


def test_ctrl_c_ends_the_processes_and_nothing_else(make_stack: StackMaker) -> None:
    """Every process goes by itself on SIGTERM, in time, and says so with a status that is not a crash."""
    stack = make_stack(cars=1)
    stack.start()
    processes = dict(stack.running)
    stack.stop()
    assert {name: process.returncode for name, process in processes.items() if process.returncode not in (0, -15)} == {}
    assert count(stack, "SELECT 1") == 1
