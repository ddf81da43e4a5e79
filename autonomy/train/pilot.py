"""A release as a driver of many cars at once, for rounds of data and for scores: no deadlines, no hosting."""

from collections.abc import Sequence
from pathlib import Path

import torch

from autonomy.model import features
from autonomy.model.answers import to_actions
from autonomy.model.driving import prepare
from autonomy.model.memory import Memory
from autonomy.model.release import load_release
from autonomy.safety.doubt import DoubtBounds
from autonomy.world import Action, Observation


class Pilot:
    """Implements `Policy`. Each car has a row of memory, which it keeps until `reset`."""

    def __init__(self, folder: Path) -> None:
        module, self._manifest = load_release(folder)
        self._module = prepare(module)
        self._name = str(self._manifest["name"])
        self._rows: dict[str, int] = {}
        self._memory: Memory = self._module.new_memory(0)

    @property
    def name(self) -> str:
        return self._name

    @property
    def doubts(self) -> DoubtBounds:
        """What the safety layer shall make of its uncertainty."""
        return DoubtBounds.from_calibration(self._manifest.get("calibration") or {})

    def reset(self, car_ids: Sequence[str]) -> None:
        rows = [self._rows[car_id] for car_id in car_ids if car_id in self._rows]
        if rows:
            self._memory.forget(torch.tensor(rows))

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        """One action for each observation; each must have its pictures."""
        if not observations:
            return []
        rows = torch.tensor([self._row(seen.car_id) for seen in observations])
        part = self._memory.select(rows)
        outputs, part = self._module.step(features.to_inputs(features.encode(observations)), part)
        self._memory.put(rows, part)
        return to_actions(observations, outputs, self._manifest)

    def imagine(self, observations: Sequence[Observation]) -> list[Action]:
        """What it would do, with the past that each car has now; nothing of it is remembered. For the same pictures
        with other words: ask before `act` of that instant."""
        if not observations:
            return []
        rows = torch.tensor([self._row(seen.car_id) for seen in observations])
        outputs, _ = self._module.step(features.to_inputs(features.encode(observations)), self._memory.select(rows))
        return to_actions(observations, outputs, self._manifest)

    def _row(self, car_id: str) -> int:
        if car_id not in self._rows:
            self._rows[car_id] = len(self._rows)
            if len(self._rows) > len(self._memory.at):
                self._memory = _grown(self._memory, self._module.new_memory(max(8, len(self._rows))))
        return self._rows[car_id]


def _grown(memory: Memory, more: Memory) -> Memory:
    return Memory(
        torch.cat([memory.rows, more.rows]), torch.cat([memory.at, more.at]), torch.cat([memory.seen, more.seen])
    )
