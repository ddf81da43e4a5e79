"""The driver that was learned: camera pictures and words in, a trajectory out, by a release's network.

`VlaNetwork` is what hosting runs; `VlaPolicy` is the same behind the `Policy` protocol, answering at once, for
evaluation, training and tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autonomy.hosting.engine import Engine
from autonomy.hosting.limits import HostingLimits
from autonomy.hosting.network import Memory
from autonomy.model.answers import explanations, to_actions
from autonomy.model.driving import prepare
from autonomy.model.features import encode, to_inputs
from autonomy.model.inputs import EGO_SIZE, Inputs
from autonomy.model.memory import Memory as Rings
from autonomy.model.release import Network as Module
from autonomy.model.release import load_release
from autonomy.policy.registry import RELEASES, release_folder
from autonomy.world.action import Action
from autonomy.world.camera import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH
from autonomy.world.observation import ROUTE_POINTS, Observation


class VlaNetwork:
    """Implements `autonomy.hosting.network.Network`. `release`: its name, as telemetry reports it."""

    def __init__(self, module: Module, manifest: Mapping[str, Any], *, release: str, device: str = "cpu") -> None:
        self.release = release
        self.manifest = manifest
        self._device = torch.device(device)
        self._module: Any = prepare(module).to(self._device)
        self._calibration = manifest.get("calibration")

    @property
    def calibration(self) -> dict[str, float]:
        """The plain numbers of the manifest's calibration."""
        numbers = (self._calibration or {}).items()
        return {name: float(value) for name, value in numbers if isinstance(value, int | float)}

    def empty_memory(self, rows: int) -> dict[str, Tensor]:
        with torch.device(self._device):
            rings = self._module.new_memory(rows)
        return {"rows": rings.rows, "at": rings.at, "seen": rings.seen}

    def step(
        self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
    ) -> tuple[list[Action], Memory]:
        """Raises ValueError for observations without pictures of all cameras."""
        arrays = encode(observations)
        if "pixels" not in arrays:
            raise ValueError("frames: an observation has no pictures")
        outputs, rings = self._cycle(to_inputs(arrays), memory)
        actions = to_actions(observations, outputs, self.manifest)
        rows = [row for row, words in enumerate(in_words) if words]
        if rows:
            said = explanations(self._module, outputs, rows)
            for row, text in zip(rows, said, strict=True):
                actions[row] = replace(actions[row], explanation=text)
        return actions, {"rows": rings.rows, "at": rings.at, "seen": rings.seen}

    def warm_up(self, batch: int) -> None:
        shape = (batch, len(CAMERA_NAMES), 3, FRAME_HEIGHT, FRAME_WIDTH)
        grey = torch.full(shape, 128, dtype=torch.uint8)
        words = torch.ones(batch, 1, dtype=torch.long)
        inputs = Inputs(grey, torch.zeros(batch, EGO_SIZE), torch.zeros(batch, ROUTE_POINTS, 2), words)
        self._cycle(inputs, self.empty_memory(batch))

    def _cycle(self, inputs: Inputs, memory: Memory) -> tuple[Any, Rings]:
        here = Inputs(*(getattr(inputs, name).to(self._device) for name in ("pixels", "ego", "route", "words")))
        with torch.device(self._device), torch.inference_mode():
            outputs, rings = self._module.step(here, Rings(memory["rows"], memory["at"], memory["seen"]))
        return outputs, rings


class VlaPolicy:
    """Implements `autonomy.policy.base.Policy` for any number of cars, each with its own memory."""

    def __init__(self, network: VlaNetwork) -> None:
        self.network = network
        self._engine = Engine({network.release: network}, limits=HostingLimits.patient())
        self._known: set[str] = set()

    @property
    def name(self) -> str:
        return self.network.release

    def reset(self, car_ids: Sequence[str]) -> None:
        self._engine.reset(car_ids)

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        """Raises ValueError for observations without pictures, and RuntimeError when the network fails."""
        for seen in observations:
            if seen.car_id not in self._known:
                self._engine.assign(seen.car_id, self.name)
                self._known.add(seen.car_id)
        self._engine.submit(observations)
        self._engine.catch_up()
        by_id = {answer.action.car_id: answer.action for answer in self._engine.collect()}
        missing = [seen.car_id for seen in observations if seen.car_id not in by_id]
        if missing:
            raise RuntimeError(f"{self.name} has no answer for {', '.join(missing)}; its log says why")
        return [by_id[seen.car_id] for seen in observations]


def load_network(folder: Path, *, device: str = "cpu") -> VlaNetwork:
    """A release's network, ready to drive. Raises ValueError when a part of the release is missing or was changed."""
    module, manifest = load_release(folder)
    return VlaNetwork(module, manifest, release=folder.name, device=device)


def load_policy(name: str, *, releases: Path = RELEASES, device: str = "cpu") -> VlaPolicy:
    """Raises BadPolicy for a release that is not there, else as `load_network`."""
    return VlaPolicy(load_network(release_folder(name, releases), device=device))


def use_threads(count: int) -> None:
    """How many threads the networks of this process use on a CPU. Raises ValueError below 1."""
    if count < 1:
        raise ValueError(f"threads: {count} must be 1 or more")
    torch.set_num_threads(count)
