"""A story that a stack lives through: riders book, something breaks, and in the end every ride is accounted for."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.processes import PYTHON, ROOT
from ops.stack import Stack, admin_connection


def query(stack: Stack, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a read in the stack's own database."""
    with admin_connection(stack.place.db_name) as connection:
        return connection.execute(sql).fetchall()


def count(stack: Stack, sql: str) -> int:
    return int(query(stack, sql)[0][0])


def await_true(condition: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.2)


@dataclass
class Demand:
    """Riders at play in a process of their own."""

    stack: Stack
    rides: int
    process: subprocess.Popen[bytes]
    summary_file: Path

    def finish(self, seconds: float) -> dict[str, Any]:
        """Their summary; raises AssertionError when a ride did not end in time."""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"rides have not ended: {states(self.stack)}") from error
        finally:
            self.process.kill()
        assert self.summary_file.exists(), self.stack.log_tail("demand")
        summary: dict[str, Any] = json.loads(self.summary_file.read_text())
        return summary


def states(stack: Stack) -> list[tuple[Any, ...]]:
    return query(stack, "SELECT state, count(*) FROM dispatch_ride GROUP BY state ORDER BY state")


def play(stack: Stack, *, rides: int, rate: float = 40.0, seed: int = 1, limit_s: float = 100.0) -> Demand:
    """Start riders: `rate` wishes a minute of the cars' world; each gives up after `limit_s` wall seconds."""
    place = stack.place
    summary_file = place.var / f"summary-{time.monotonic_ns()}.json"
    command = [
        PYTHON, "manage.py", "drive_demand", "--rides", str(rides), "--rate", str(rate), "--seed", str(seed),
        "--base-url", place.base_url, "--time-factor", str(place.time_factor), "--poll", "0.3",
        "--ride-limit", str(limit_s), "--json", str(summary_file), "--quiet",
    ]  # fmt: skip
    with stack.log_path("demand").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=place.environment("demand"), stdout=log, stderr=log)
    return Demand(stack, rides, process, summary_file)


def booked_states(stack: Stack) -> dict[str, int]:
    """How many rides are in which state, without quotes that nobody booked."""
    rows = query(
        stack, "SELECT state, count(*) FROM dispatch_ride WHERE state NOT IN ('quoted', 'expired') GROUP BY state"
    )
    return {str(state): int(number) for state, number in rows}


def await_rides_under_way(stack: Stack) -> None:
    """Until somebody rides."""
    await_true(lambda: booked_states(stack).get("on_trip", 0) >= 1, "rides under way", 60)


def await_receipts(stack: Stack, seconds: float = 25) -> None:
    """Until each completed ride has its one receipt, written out and in the ledger once."""

    def written() -> bool:
        return (
            count(
                stack,
                "SELECT count(*) FROM dispatch_ride r WHERE state = 'completed' AND NOT EXISTS "
                "(SELECT 1 FROM dispatch_receipt p WHERE p.ride_id = r.id AND p.number <> '' AND p.amount_minor > 0)",
            )
            == 0
        )

    await_true(written, "a receipt for each completed ride", seconds)
    assert count(stack, "SELECT count(*) FROM fleet_ledgerentry WHERE kind = 'receipt.issued'") == count(
        stack, "SELECT count(*) FROM dispatch_receipt WHERE number <> ''"
    )


def verify(stack: Stack, demand: Demand, *, before: dict[str, int], seconds: float) -> None:
    """All rides of the demand ended as completed, none lost, none double, and every invariant holds.

    Raises AssertionError or StackError with what is wrong: negative controls rely on it.
    """
    summary = demand.finish(seconds)
    assert summary["ends"] == {"completed": demand.rides}, summary
    after = booked_states(stack)
    assert after == {**before, "completed": before.get("completed", 0) + demand.rides}, (before, after)
    stack.manage("check_invariants", "--ended")
    await_receipts(stack)
