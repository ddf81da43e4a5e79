"""Any process may be killed in mid-ride, and Redis may lose everything: no ride is lost and none is doubled.

Each fault has its control in `test_kill_controls.py`: a variant that breaks the rule which carries us through, and
which the same verification must catch.
"""

import time
from collections.abc import Callable

import pytest
import redis

from ops.services import read_env
from ops.stack import Stack
from tests.live.conftest import StackMaker
from tests.live.story import await_rides_under_way, booked_states, count, play, verify

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


def test_ctrl_c_ends_the_processes_and_nothing_else(make_stack: StackMaker) -> None:
    """Every process goes by itself on SIGTERM, in time, and says so with a status that is not a crash."""
    stack = make_stack(cars=1)
    stack.start()
    processes = dict(stack.running)
    stack.stop()
    assert {name: process.returncode for name, process in processes.items() if process.returncode not in (0, -15)} == {}
    assert count(stack, "SELECT 1") == 1
