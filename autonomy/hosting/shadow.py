"""Shadow mode: a release that sees what the car sees and says what it would do, without a hand on the wheel."""

from collections import deque

import numpy as np

from autonomy.policy.host import Disagreement
from autonomy.world.action import Action

KEPT = 8  # answers of each side that wait for the other one's
MOST = 1024  # disagreements that wait to be fetched


class Comparison:
    """Pairs the answers of the driving and the shadow release to the same observation."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, bool], dict[float, tuple[str, Action]]] = {}
        self._found: deque[Disagreement] = deque(maxlen=MOST)

    def add(self, release: str, action: Action, *, shadow: bool) -> Disagreement | None:
        """Take an answer; returns the disagreement if the other side has answered the same observation."""
        other = self._waiting.get((action.car_id, not shadow), {}).pop(action.time_s, None)
        if other is None:
            mine = self._waiting.setdefault((action.car_id, shadow), {})
            mine[action.time_s] = release, action
            while len(mine) > KEPT:
                del mine[next(iter(mine))]
            return None
        theirs, their_action = other
        apart = np.hypot(*(action.trajectory[:, :2] - their_action.trajectory[:, :2]).T)
        driven, watched = (theirs, release) if shadow else (release, theirs)
        found = Disagreement(action.car_id, action.time_s, driven, watched, float(apart.mean()), float(apart[-1]))
        self._found.append(found)
        return found

    def forget(self, car_id: str) -> None:
        for shadow in (True, False):
            self._waiting.pop((car_id, shadow), None)

    def drain(self) -> list[Disagreement]:
        """All since the last call, oldest first."""
        found = []
        while self._found:
            found.append(self._found.popleft())
        return found
