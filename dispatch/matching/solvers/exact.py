"""The exact answer by whichever solver works: flow first, sparse matching when it fails."""

import logging

from dispatch.matching.domain.problem import Answer, Problem
from dispatch.matching.solvers import sparse

log = logging.getLogger(__name__)


def solve(problem: Problem) -> Answer:
    """An answer of least cost."""
    try:
        # Imported late: where OR-tools can't be loaded, the other solver does the work.
        from dispatch.matching.solvers import flow

        return flow.solve(problem)
    except (ImportError, RuntimeError) as error:
        log.warning("min-cost flow failed, sparse matching takes over: %s", error)
        return sparse.solve(problem)
