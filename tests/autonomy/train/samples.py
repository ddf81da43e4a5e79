"""Tiny shards and a tiny network to learn from them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from autonomy.train.shards import Shard, ShardWriter, open_shard


def tiny_shard(path: Path, *, source: str = "plain", drives: int = 2, steps: int = 6, seed: int = 0) -> Shard:
    """Drives in turn, `value` is 10 * drive + step and is painted into the pictures; every third row has a variant."""
    random = np.random.default_rng(seed)
    writer = ShardWriter(path, {"source": source, "seed": seed, "driver": "test"})
    for step in range(steps):
        for drive in range(drives):
            value = 10 * drive + step
            pixels = np.full((2, 3, 4, 8), value, dtype=np.uint8)
            row = {"value": np.float32(value), "cause": np.int64(drive), "noise": random.random(3)}
            number = writer.add(f"drive-{drive}", pixels, row)
            if number % 3 == 0:
                writer.add_variant(number, {**row, "value": np.float32(-value - 1)})
    writer.close()
    return open_shard(path)


class Tiny(nn.Module):
    """Tells the painted value from the picture."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.line = nn.Linear(2 * 3 * 4 * 8, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        value: Tensor = self.line(pixels.flatten(2).float() / 255).squeeze(-1)
        return value


def tiny_loss(module: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, Mapping[str, Tensor]]:
    miss = module(batch["pixels"]) - batch["value"] / 255
    return (miss**2).mean(), {"miss": miss.abs().mean()}
