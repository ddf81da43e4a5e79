"""The loop of learning: draw a batch, one step of AdamW, remember, measure, go on where it stopped.

The weights that drive are a running mean of the learned ones (Polyak and Juditsky 1992), so that they are fit for use
at any moment, not only after the descent of the learning rate.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from autonomy.train.clips import PIXELS, Clips
from autonomy.train.feed import batches, other_light, to_tensors
from autonomy.train.schedule import Heat, Rate

Loss = Callable[[nn.Module, Mapping[str, Tensor]], tuple[Tensor, Mapping[str, Tensor]]]
CHECKPOINT = "checkpoint.safetensors"
CURVE = "curve.jsonl"
COUNTS = {"updates": int, "seen": int, "spent_s": float, "best": float, "best_update": int}


@dataclass(frozen=True, slots=True)
class Stage:
    """From the part `begin` of the budget on: `batch` clips of `length` pictures an update."""

    begin: float
    batch: int
    length: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """stages: from which part of the budget on how many clips of what length make an update: single pictures first
    (pictures of one clip are much alike, and seeing needs variety), whole histories last (for the memory). heat: see
    `autonomy.model.losses.plan_loss`; mean: how slowly the running mean of weights follows."""

    stages: tuple[Stage, ...] = (Stage(0.0, 32, 1), Stage(0.22, 16, 4), Stage(0.7, 8, 8), Stage(0.9, 4, 16))
    rate: Rate = field(default_factory=Rate)
    heat: Heat = field(default_factory=Heat)
    weight_decay: float = 0.02
    clip_norm: float = 1.0
    mean: float = 0.998
    other_light: bool = True
    seed: int = 0
    bf16: bool = True
    validate_every: int = 100
    patience: int = 30

    def stage(self, progress: float) -> Stage:
        """The stage at this part of the budget."""
        return [stage for stage in self.stages if stage.begin <= progress][-1]


_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


class Learner:
    """A network, its optimiser, the running mean of its weights and the curve so far."""

    def __init__(self, module: nn.Module, loss: Loss, recipe: Recipe) -> None:
        self.module, self.loss, self.recipe = module, loss, recipe
        self.mean = {name: value.detach().clone() for name, value in module.state_dict().items()}
        decays: list[nn.Parameter] = []
        others: list[nn.Parameter] = []
        for parameter in module.parameters():
            (decays if parameter.ndim > 1 else others).append(parameter)
        groups = [{"params": decays, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate.peak, betas=(0.9, 0.98), eps=1e-6)
        self.updates = 0
        self.seen = 0
        self.spent_s = 0.0
        self.best = float("inf")
        self.best_update = 0

    def update(self, batch: Mapping[str, Tensor], progress: float) -> dict[str, float]:
        """One step; returns the parts of the loss. A step whose gradient is not finite changes nothing."""
        rate = self.recipe.rate.at(self.updates, progress)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.module.train()
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.updates)  # what is drawn depends on the update alone
        batch = {**batch, "heat": torch.tensor(self.recipe.heat.at(progress))}
        if self.recipe.other_light:
            batch[PIXELS] = other_light(batch[PIXELS])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.recipe.bf16):
            total, parts = self.loss(self.module, batch)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), self.recipe.clip_norm)
        if torch.isfinite(norm):
            self.optimiser.step()
            self._follow()
        self.updates += 1
        self.seen += math.prod(batch[PIXELS].shape[:2])
        return {"loss": float(total.detach()), "norm": float(norm), **{k: float(v.detach()) for k, v in parts.items()}}

    def _follow(self) -> None:
        keep = min(self.recipe.mean, (1 + self.updates) / (10 + self.updates))
        with torch.no_grad():
            for name, value in self.module.state_dict().items():
                if value.is_floating_point():
                    self.mean[name].lerp_(value, 1 - keep)
                else:
                    self.mean[name].copy_(value)

    def refresh(self, batches: Iterable[Mapping[str, Tensor]]) -> None:
        """Statistics of normalisation layers measured anew with the mean of the weights, whose own they are not: means
        of statistics are not the statistics of means (Izmailov et al. 2018, stochastic weight averaging, 3.2)."""
        module = self.module
        own = {name: value.detach().clone() for name, value in module.state_dict().items()}
        layers = [layer for layer in module.modules() if isinstance(layer, _NORMS)]
        if not layers:
            return
        module.load_state_dict(self.mean)
        module.eval()
        momenta = [layer.momentum for layer in layers]
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None
            layer.train()
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.recipe.bf16):
            for batch in batches:
                self.loss(module, batch)
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for name, value in module.state_dict().items():
            if "running_" in name or "num_batches" in name:
                self.mean[name].copy_(value)
        module.load_state_dict(own)

    def with_mean(self) -> "MeanWeights":
        """A context in which the network carries the running mean of its weights."""
        return MeanWeights(self)

    def save(self, folder: Path) -> None:
        """Everything to go on from; written beside and moved into place, so that a stop never spoils it."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors: dict[str, Tensor] = {}
        for part, values in (("module", self.module.state_dict()), ("mean", self.mean)):
            tensors |= {f"{part}/{name}": value for name, value in values.items()}
        for number, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser/{number}/{name}": value for name, value in state.items()}
        counts = {name: str(getattr(self, name)) for name in COUNTS}
        new = folder / (CHECKPOINT + ".new")
        save_file(
            {name: value.detach().clone(memory_format=torch.contiguous_format) for name, value in tensors.items()},
            new,
            metadata=counts,
        )
        new.replace(folder / CHECKPOINT)

    def load(self, folder: Path) -> bool:
        """Go on from a checkpoint; False where there is none. Raises ValueError when it is of another network."""
        path = folder / CHECKPOINT
        if not path.exists():
            return False
        parts: dict[str, dict[str, Tensor]] = {"module": {}, "mean": {}, "optimiser": {}}
        with safe_open(path, framework="pt") as file:
            counts = file.metadata()
            for key in file.keys():  # noqa: SIM118 - it is no mapping
                part, _, name = key.partition("/")
                parts[part][name] = file.get_tensor(key)
        try:
            self.module.load_state_dict(parts["module"])
        except RuntimeError as error:
            raise ValueError(f"checkpoint: {path} is of another network: {error}") from error
        self.mean = parts["mean"]
        whole = self.optimiser.state_dict()
        whole["state"] = {}
        for key, value in parts["optimiser"].items():
            number, _, name = key.partition("/")
            whole["state"].setdefault(int(number), {})[name] = value
        self.optimiser.load_state_dict(whole)
        for name, kind in COUNTS.items():
            setattr(self, name, kind(counts[name]))
        return True


class MeanWeights:
    """Swaps the running mean in and the learned weights back."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._own: dict[str, Tensor] = {}

    def __enter__(self) -> nn.Module:
        module = self._learner.module
        self._own = {name: value.detach().clone() for name, value in module.state_dict().items()}
        module.load_state_dict(self._learner.mean)
        module.eval()
        return module

    def __exit__(self, *_: object) -> None:
        self._learner.module.load_state_dict(self._own)


def validate(learner: Learner, held_out: Clips, *, batch: int, count: int) -> dict[str, float]:
    """Mean of the loss and its parts over `count` batches, always the same ones, with the running mean of weights."""
    sums: dict[str, float] = {}
    with learner.with_mean() as module, torch.no_grad():
        for _, arrays in zip(range(count), batches(held_out, batch, seed=10_000_019), strict=False):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=learner.recipe.bf16):
                total, parts = learner.loss(module, to_tensors(arrays))
            for name, value in {"loss": total, **parts}.items():
                sums[name] = sums.get(name, 0.0) + float(value) / count
    return sums


def note(folder: Path, row: Mapping[str, Any]) -> None:
    """One more row of the learning curve."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / CURVE).open("a") as file:
        file.write(json.dumps(row) + "\n")


def curve(folder: Path) -> list[dict[str, Any]]:
    """The learning curve so far; a row that a stop has cut off is left out."""
    path = folder / CURVE
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def facts(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data, for the manifest."""
    return asdict(recipe)


def stops_early(learner: Learner, loss: float) -> bool:
    """True when the held-out loss has not improved for `patience` validations."""
    if loss < learner.best - 1e-4:
        learner.best, learner.best_update = loss, learner.updates
    idle = learner.updates - learner.best_update
    return idle >= learner.recipe.patience * learner.recipe.validate_every
