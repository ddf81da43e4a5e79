"""What the engine needs of a network. Torch is on the other side of it, so that the engine can be tested without."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from autonomy.world.action import Action
from autonomy.world.observation import Observation

# Tensors or arrays by name, one row for each car: both are read and written by lists of row numbers.
Memory = Mapping[str, Any]


class Network(Protocol):
    """One release. Calls come from one thread at a time, never with an observation without pictures."""

    @property
    def release(self) -> str:
        """Its name, as telemetry reports it: "vla-2.0"."""
        ...

    @property
    def calibration(self) -> Mapping[str, float]:
        """Limits of uncertainty and strangeness from its manifest."""
        ...

    def empty_memory(self, rows: int) -> Memory:
        """The memory of cars that have seen nothing."""
        ...

    def step(
        self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
    ) -> tuple[list[Action], Memory]:
        """One action for each observation and the memory after it; `in_words`: which actions to explain."""
        ...

    def warm_up(self, batch: int) -> None:
        """Run once with made-up inputs, so that the first cars do not wait for compilers and caches."""
        ...
