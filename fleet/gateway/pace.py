"""How fast a car may talk."""


class TokenBucket:
    """`per_s` frames a second on average, and five seconds' worth at once (what it buffered without a link)."""

    def __init__(self, per_s: float, now_s: float) -> None:
        self._per_s = per_s
        self._full = per_s * 5
        self._tokens = self._full
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        self._tokens = min(self._full, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
