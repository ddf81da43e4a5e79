"""The exact answer within a deadline, or else the greedy one.

Both exact solvers hold the interpreter's lock while they work, so that a thread could not stop them: problems that may
take long are solved in a child process, which is killed when the deadline strikes.
"""

import logging
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from dispatch.matching.domain.problem import Answer, Problem
from dispatch.matching.solvers import exact, greedy

log = logging.getLogger(__name__)
# Solved in well under a tenth of a second, so not worth the way to the child.
INLINE_ARCS = 20_000


def _serve(pipe: Connection) -> None:
    """The child's life: answer problems until the pipe closes."""
    while True:
        try:
            problem: Problem = pipe.recv()
        except EOFError:
            return
        pipe.send(exact.solve(problem))


class BoundedSolver:
    """Answers within about `deadline_s`; owns one child process, started when first needed."""

    def __init__(self, *, deadline_s: float, inline_arcs: int = INLINE_ARCS) -> None:
        self.deadline_s = deadline_s
        self.inline_arcs = inline_arcs
        self._child: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def solve(self, problem: Problem) -> Answer:
        """The exact answer when it is found in time, the greedy one otherwise."""
        if len(problem.arc_cost) <= self.inline_arcs:
            return exact.solve(problem)
        try:
            return self._ask(problem)
        except (TimeoutError, EOFError, OSError) as error:
            log.warning("no exact assignment of %d arcs: %s; greedy it is", len(problem.arc_cost), error)
            self.close()
            return greedy.solve(problem)

    def _ask(self, problem: Problem) -> Answer:
        pipe = self._started()
        pipe.send(problem)
        if not pipe.poll(self.deadline_s):
            raise TimeoutError(f"deadline of {self.deadline_s} s")
        answer: Answer = pipe.recv()
        return answer

    def warm_up(self) -> None:
        """Start the child now, so that the first large problem does not pay for it."""
        self._started()

    def _started(self) -> Connection:
        if self._pipe is None or self._child is None or not self._child.is_alive():
            self.close()
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._child = context.Process(target=_serve, args=(theirs,), daemon=True, name="assignment-solver")
            self._child.start()
            theirs.close()
        return self._pipe

    def close(self) -> None:
        """End the child."""
        if self._pipe is not None:
            self._pipe.close()
        if self._child is not None:
            self._child.kill()
            self._child.join()
        self._pipe = self._child = None
