"""Keeps world time in step with wall time, times a factor."""


class Pace:
    """Says how many world steps are due. What the machine can't keep up with is dropped and counted, never piled up."""

    def __init__(self, *, step_s: float, factor: float, now_s: float, most_behind_s: float = 1.0) -> None:
        self._step_s = step_s
        self._factor = factor
        self._most_behind_s = most_behind_s
        self._last_s = now_s
        self._owed_s = 0.0
        self.dropped_s = 0.0

    def due(self, now_s: float) -> int:
        """World steps to make now. `now_s` is monotonic wall time."""
        self._owed_s += (now_s - self._last_s) * self._factor
        self._last_s = now_s
        most_s = self._most_behind_s * self._factor
        if self._owed_s > most_s:
            self.dropped_s += self._owed_s - most_s
            self._owed_s = most_s
        steps = int(self._owed_s / self._step_s)
        self._owed_s -= steps * self._step_s
        return steps
