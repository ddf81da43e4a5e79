"""What the network is fed with: batches as tensors, drawn ahead in another thread, in another light."""

import queue
import threading
from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor

from autonomy.train.clips import PIXELS, Clips
from autonomy.train.shards import Arrays


def to_tensors(batch: Arrays) -> dict[str, Tensor]:
    """Arrays as tensors; floats in single precision, whole numbers as i8 except pictures."""
    tensors = {}
    for name, values in batch.items():
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        if tensor.dtype == torch.float64:
            tensor = tensor.float()
        elif name != PIXELS and tensor.dtype in (torch.uint8, torch.int16, torch.int32):
            tensor = tensor.long()
        tensors[name] = tensor
    return tensors


def other_light(pixels: Tensor, random: torch.Generator | None = None) -> Tensor:
    """Pictures u1[B, T, C, 3, H, W] in another light, the same for all of a clip: contrast, brightness and colour, so
    that what is learned in some weathers holds in others."""
    clips = len(pixels)
    contrast = torch.exp(0.25 * torch.randn(clips, 1, generator=random))
    colour = torch.exp(0.06 * torch.randn(clips, 3, generator=random))
    offset = 22.0 * torch.randn(clips, 1, generator=random)
    gain = contrast * colour
    shift = 110.0 * (1.0 - contrast) + offset
    table = torch.arange(256.0)[None, None] * gain[..., None] + shift[..., None]
    table = table.round().clamp(0, 255).to(torch.uint8)
    out = torch.empty_like(pixels)
    for clip in range(clips):
        for channel in range(3):
            out[clip, :, :, channel] = table[clip, channel][pixels[clip, :, :, channel].int()]
    return out


def batches(clips: Clips, batch: int, seed: int, first: int = 0) -> Iterator[Arrays]:
    """Batches for ever. Number k depends on (seed, k) only, so that a run that goes on sees what it would have seen."""
    number = first
    while True:
        yield clips.draw(np.random.default_rng((seed, number)), batch)
        number += 1


def ahead(source: Iterator[Arrays], depth: int = 2) -> Generator[Arrays, None, None]:
    """The same, drawn in another thread while the network learns."""
    waiting: queue.Queue[Arrays] = queue.Queue(depth)
    stop = threading.Event()

    def fill() -> None:
        for item in source:
            while not stop.is_set():
                try:
                    waiting.put(item, timeout=0.2)
                    break
                except queue.Full:
                    continue
            if stop.is_set():
                return

    thread = threading.Thread(target=fill, name="batches", daemon=True)
    thread.start()
    try:
        while True:
            yield waiting.get()
    finally:
        stop.set()
