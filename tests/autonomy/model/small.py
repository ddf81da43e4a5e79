"""Small networks and made-up inputs."""

import torch
from torch import Tensor

from autonomy.model.config import ModelConfig
from autonomy.model.inputs import AUX_NAMES, CAUSES, EGO_NAMES, EGO_SIZE, SPEED_SCALE, Inputs
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS


def small(generation: str = "vla-2.0", **changes: int) -> ModelConfig:
    """A network that is quick to build and to learn."""
    sizes = {"width": 64, "heads": 2, "layers": 1, "mlp": 64, "latents": 4, "modes": 3, "history": 4, "word_width": 32}
    return ModelConfig(generation, channels=(16, 16, 32), blocks=(1, 0, 0), **{**sizes, **changes})


def straight(*shape: int) -> Tensor:
    """f4[*shape, 30, 2]: a route straight ahead."""
    line = torch.stack([torch.arange(30) * 2.0, torch.zeros(30)], -1)
    return line.expand(*shape, 30, 2).clone()


def inputs(*shape: int, seed: int = 0, speed_mps: float = 5.0, words: int = 5) -> Inputs:
    """Noise for pictures, a straight road, an instruction of a few words."""
    dice = torch.Generator().manual_seed(seed)
    ego = torch.zeros(*shape, EGO_SIZE)
    told = {"speed": speed_mps / SPEED_SCALE, "speed_known": 1.0, "limit": 1.0, "stop": 1.0, "stop_near": 1.0}
    for name, value in told.items():
        ego[..., EGO_NAMES.index(name)] = value
    said = torch.randint(64, 90, (*shape, words), generator=dice)
    said[..., 0] = 1
    pixels = torch.randint(0, 256, (*shape, 5, 3, 64, 128), dtype=torch.uint8, generator=dice)
    return Inputs(pixels, ego, straight(*shape), said)


def one_frame(clips: Inputs, at: int) -> Inputs:
    """Frame `at` of every clip."""
    return Inputs(clips.pixels[:, at], clips.ego[:, at], clips.route[:, at], clips.words[:, at])


def lesson(clips: int, length: int, seed: int = 0) -> dict[str, Tensor]:
    """A batch whose truth is to be seen: pictures are dark where the car shall stop, bright where it shall go on."""
    dice = torch.Generator().manual_seed(seed)
    seen = inputs(clips, length, seed=seed)
    go = torch.randint(0, 2, (clips, length), generator=dice)
    pixels = (go[..., None, None, None, None] * 150 + 40).expand_as(seen.pixels).to(torch.uint8)
    due = torch.arange(1, ACTION_STEPS + 1) * ACTION_STEP_S
    pace = torch.where(go[..., None] > 0, 5.0, (5.0 - 2.5 * due).clamp(min=0.0))
    ahead = (pace.cumsum(-1) - pace / 2 + 2.5) * ACTION_STEP_S
    zero = torch.zeros(clips, length)
    aux = torch.zeros(clips, length, len(AUX_NAMES))
    aux[..., 1], aux[..., 3] = go.float(), 1.0 - go
    said = torch.zeros(clips, length, 14, dtype=torch.long)
    said[..., 0], said[..., 1] = 70 + go, 2
    return {
        "pixels": pixels,
        "ego": seen.ego,
        "route": seen.route,
        "words": seen.words,
        "plan": torch.stack([ahead, torch.zeros_like(ahead), pace], -1),
        "cause": torch.where(go > 0, 0, 3) % len(CAUSES),
        "order": zero.long(),
        "refuse": zero.clone(),
        "help": zero.clone(),
        "said": said,
        "aux": aux,
        "aux_known": torch.ones_like(aux),
    }
