"""Text as the driver reads and writes it: lower-case words; comma, colon and question mark are words too."""

import re
from functools import cache

_WORD = re.compile(r"[a-z0-9']+|[,:?]")


def words(text: str) -> list[str]:
    """The words of a text in order. Other signs than letters, digits, apostrophes and `, : ?` are dropped."""
    return _WORD.findall(text.lower())


def normal(text: str) -> str:
    """A text in the one form that sentences are compared in: words between single blanks, no space before signs."""
    joined = " ".join(words(text)).strip(" ,:")
    return re.sub(r" ([,:?])", r"\1", joined)


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word of all instructions, chat, explanations, refusals and questions, sorted."""
    from autonomy.language.explanations import all_sentences
    from autonomy.language.grammar import HELD_OUT, TRAIN, phrases
    from autonomy.world.orders import OrderKind

    found: set[str] = set()
    for kind in [*OrderKind, None]:
        for split in (TRAIN, HELD_OUT):
            for sentence in phrases(kind, split):
                found.update(words(sentence))
    for sentence in all_sentences():
        found.update(words(sentence))
    return tuple(sorted(found))
