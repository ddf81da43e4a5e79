"""Instructions as people write them, and what they mean: text to and from `OrderKind`.

A sentence belongs for ever to one of two splits: `TRAIN`, or `HELD_OUT` (all sentences of unseen patterns, and one in
six of the seen patterns' sentences, chosen by their hash), so that what is measured on held-out sentences was never
trained on. Chat is text without an order.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from autonomy.language.patterns import CHAT, SEEN, UNSEEN
from autonomy.language.words import normal
from autonomy.world.orders import OrderKind

TRAIN, HELD_OUT = "train", "held_out"
HELD_SHARE = 6
_TOKEN = re.compile(r"[()\[\]|]|[^()\[\]|]+")


def expand(pattern: str) -> tuple[str, ...]:
    """Every sentence of a pattern, in order, without repeats. Raises ValueError for brackets that do not match."""
    pieces = _TOKEN.findall(pattern)
    sentences, rest = _choice(pieces, 0)
    if rest != len(pieces):
        raise ValueError(f"pattern: {pattern!r} has a bracket that was never opened")
    return tuple(dict.fromkeys(normal(sentence) for sentence in sentences))


def _choice(pieces: list[str], at: int) -> tuple[list[str], int]:
    found: list[str] = []
    while True:
        part, at = _sequence(pieces, at)
        found += part
        if at >= len(pieces) or pieces[at] != "|":
            return found, at
        at += 1


def _sequence(pieces: list[str], at: int) -> tuple[list[str], int]:
    found = [""]
    while at < len(pieces) and pieces[at] not in ")]|":
        if pieces[at] in "([":
            opened = pieces[at]
            inner, at = _choice(pieces, at + 1)
            if at >= len(pieces) or pieces[at] != {"(": ")", "[": "]"}[opened]:
                raise ValueError(f"pattern: a bracket {opened!r} is never closed")
            if opened == "[":
                inner = ["", *inner]
        else:
            inner = [pieces[at]]
        found = [f"{a} {b}" for a in found for b in inner]
        at += 1
    return found, at


def _held(sentence: str) -> bool:
    return hashlib.sha256(sentence.encode()).digest()[0] % HELD_SHARE == 0


@cache
def _all() -> dict[OrderKind | None, dict[str, tuple[str, ...]]]:
    table: dict[OrderKind | None, dict[str, tuple[str, ...]]] = {}
    kinds: list[OrderKind | None] = [*OrderKind, None]
    for kind in kinds:
        seen = SEEN[kind] if kind is not None else CHAT
        unseen = UNSEEN[kind] if kind is not None else ()
        new = tuple(dict.fromkeys(sentence for pattern in unseen for sentence in expand(pattern)))
        known = tuple(dict.fromkeys(s for pattern in seen for s in expand(pattern) if s not in new))
        table[kind] = {
            TRAIN: tuple(s for s in known if not _held(s)),
            HELD_OUT: (*new, *(s for s in known if _held(s))),
        }
    return table


def phrases(kind: OrderKind | None, split: str) -> tuple[str, ...]:
    """All sentences for an order (None: chat) in a split. Raises ValueError for an unknown split."""
    if split not in (TRAIN, HELD_OUT):
        raise ValueError(f"split: {split!r} is neither {TRAIN!r} nor {HELD_OUT!r}")
    return _all()[kind][split]


def instruction(kind: OrderKind, random: np.random.Generator, split: str = TRAIN) -> str:
    """A sentence that asks for the order, drawn evenly from the split."""
    return _draw(phrases(kind, split), random)


def chat(random: np.random.Generator, split: str = TRAIN) -> str:
    """A sentence that asks for nothing."""
    return _draw(phrases(None, split), random)


def _draw(sentences: tuple[str, ...], random: np.random.Generator) -> str:
    return sentences[int(random.integers(len(sentences)))]


@cache
def _meanings() -> dict[str, OrderKind]:
    return {sentence: kind for kind, sentence in _pairs()}


def _pairs() -> Iterator[tuple[OrderKind, str]]:
    for kind, splits in _all().items():
        if kind is not None:
            for sentences in splits.values():
                for sentence in sentences:
                    yield kind, sentence


def meaning(text: str) -> OrderKind | None:
    """What a sentence of this grammar asks for, whatever its case and punctuation; None: nothing that it knows."""
    return _meanings().get(normal(text))
