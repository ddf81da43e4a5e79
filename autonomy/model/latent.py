"""Reasoning in latents: a few tokens that read the context and never become words on the way to action."""

import torch
from torch import Tensor, nn

from autonomy.model.attention import Layer, small_start
from autonomy.model.config import ModelConfig


class Reasoner(nn.Module):
    """modes and latents, set by what is asked, read the context: [B, modes + latents, width]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        count = config.modes + config.latents
        self.start = nn.Parameter(torch.randn(count, config.width))
        self.layers = nn.ModuleList(Layer(config.width, config.heads, config.mlp) for _ in range(config.layers))
        self.film = nn.Linear(config.width, 2 * config.width * config.layers)
        with torch.no_grad():
            self.film.weight.mul_(0.5)
        small_start(self.layers)

    def forward(self, mind: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None) -> Tensor:
        """mind [B, width], the car's state and instruction: it scales and shifts the latents before every layer (Perez
        et al., FiLM, AAAI 2018), so that an instruction can't be overlooked."""
        x = self.start[None] + mind[:, None]
        shifts = self.film(mind)[:, None].chunk(2 * len(self.layers), -1)
        for k, layer in enumerate(self.layers):
            x = layer(x * (1.0 + shifts[2 * k]) + shifts[2 * k + 1], keys, values, bias)
        return x
