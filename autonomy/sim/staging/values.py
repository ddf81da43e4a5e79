"""Numbers in a scenario file: fixed ones or ranges that the seed draws from."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np


def number(spec: Mapping[str, Any], name: str, random: np.random.Generator, default: float | None = None) -> float:
    """The value of a field: a number, or one drawn from `[low, high]`. Raises ValueError naming the field."""
    value = spec.get(name, default)
    if isinstance(value, list | tuple):
        if len(value) != 2 or not all(_plain(part) for part in value) or value[0] > value[1]:
            raise ValueError(f"{name}: {value} is not a range [low, high]")
        return float(random.uniform(float(value[0]), float(value[1])))
    if value is None or not _plain(value):
        raise ValueError(f"{name}: {value!r} is not a number or a range [low, high]")
    return float(value)


def _plain(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def choice(spec: Mapping[str, Any], name: str, random: np.random.Generator, default: str) -> str:
    """The value of a field: a word, or one drawn from a list of words. Raises ValueError naming the field."""
    value = spec.get(name, default)
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{name}: {value!r} is not a word or a list of words")
    return str(words[int(random.integers(len(words)))])
