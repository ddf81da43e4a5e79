"""Questions of a driver to a person: asked when they last, once, and taken back when the way is free. Pure but for
what it remembers of the last moments."""

from msgspec.structs import replace

from autonomy.agent.life import Life, Step
from autonomy.link.messages import HelpAsked, HelpEnded

LASTS_S = 2.0  # world time that a doubt must last before a person is asked
GONE_S = 3.0  # and that it must be gone before the question is taken back
AGAIN_S = 60.0
MOST = 200


class Asking:
    """One car's. A new process asks again only what its journal does not know as asked."""

    def __init__(self) -> None:
        self._wants_s = 0.0
        self._gone_s = 0.0
        self._rests_s = 0.0

    def advance(self, life: Life, question: str | None, reason: str, dt_s: float) -> Step:
        """`question`: what the driver would ask now; None: nothing."""
        self._wants_s = self._wants_s + dt_s if question else 0.0
        self._gone_s = 0.0 if question else self._gone_s + dt_s
        self._rests_s = max(0.0, self._rests_s - dt_s)
        if life.question:
            if self._gone_s < GONE_S:
                return Step(life=life)
            return Step(life=replace(life, question=""), events=(HelpEnded(reason="the way is free again"),))
        if not question or self._wants_s < LASTS_S or self._rests_s > 0.0:
            return Step(life=life)
        self._rests_s = AGAIN_S
        asked = "".join(letter if letter.isprintable() else " " for letter in question)[:MOST]
        return Step(
            life=replace(life, question=asked),
            events=(HelpAsked(question=asked, reason=reason[:MOST]),),
        )
