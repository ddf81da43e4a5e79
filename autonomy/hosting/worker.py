"""Runs the networks on what waits. One worker is one life: one that was stopped is not heard any more."""

from autonomy.hosting.board import Board
from autonomy.hosting.group import develop, run
from autonomy.hosting.instance import Look
from autonomy.hosting.memory import MemoryPool
from autonomy.hosting.metrics import Spent
from autonomy.world.action import Action


class Worker:
    """`busy_since_s`: since when the network works at the present batch; None between batches."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._pools: dict[str, MemoryPool] = {}
        self._stopped = False
        self.busy_since_s: float | None = None

    def stop(self) -> None:
        """End after the batch at hand, whose answers are thrown away."""
        self._stopped = True
        self._board.wake()

    def forever(self, wait_s: float) -> None:
        """Until it is stopped; looks at least every `wait_s` whether it is."""
        while not self._stopped:
            if not self.once():
                self._board.wait(wait_s)

    def once(self) -> bool:
        """Run one batch. Returns whether there was one."""
        board = self._board
        batch = board.next_batch()
        if batch is None:
            return False
        release, taken = batch
        began_s = self.busy_since_s = board.now_s()
        try:
            looks = develop(board.groups[release], taken)
            drawn_s = board.now_s()
            actions = self._run(release, looks) if looks else []
        finally:
            self.busy_since_s = None
        if not self._stopped:
            spent = Spent(draw_s=drawn_s - began_s, step_s=board.now_s() - drawn_s)
            board.answer(release, looks, actions, spent, dropped=len(taken) - len(looks))
        return True

    def _run(self, release: str, looks: list[Look]) -> list[Action | None]:
        group = self._board.groups[release]
        try:
            pool = self._pools.get(release)
            if pool is None:
                pool = self._pools[release] = MemoryPool(group.network)
            return run(group, pool, looks, [look.instance.car_id in self._board.in_words for look in looks])
        except Exception:
            # The memory itself can't be made or grown: nothing to answer, and nothing to keep.
            group.meter.failed += 1
            group.complain("can't be run")
            self._pools.pop(release, None)
            return [None] * len(looks)
