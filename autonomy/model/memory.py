"""What is kept of past pictures: a few tokens of each, read again in every later cycle but never made again.

A frame is encoded once. Its tokens are kept as keys and values of the readers' attention, so that reading sixteen
pictures costs no more than attention over their tokens. How old a frame is enters as a learned bias on its scores, as
in Press et al., ALiBi (ICLR 2022), but learned; so nothing must be made anew when time goes on.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autonomy.model.attention import OUT_OF_SIGHT, heads_of
from autonomy.model.config import ModelConfig


@dataclass(slots=True)
class Memory:
    """A ring of the last `history - 1` frames of B cars: rows [B, slots, ...] (tokens' keys and values, or, for a
    network that reads its pictures again, the pictures); at i8[B]: the slot that is written next; seen i8[B]: how many
    frames were ever written. Changed in place by `push`."""

    rows: Tensor
    at: Tensor
    seen: Tensor

    def select(self, index: Tensor) -> "Memory":
        """A copy of these cars' rows, i8[N]."""
        return Memory(self.rows[index], self.at[index], self.seen[index])

    def put(self, index: Tensor, part: "Memory") -> None:
        """Write cars' rows back."""
        self.rows[index], self.at[index], self.seen[index] = part.rows, part.at, part.seen

    def forget(self, index: Tensor) -> None:
        self.seen[index] = 0

    def push(self, new: Tensor) -> Self:
        """new [B, ...] becomes the newest frame; the oldest is lost."""
        self.rows[torch.arange(len(new)), self.at] = new
        self.at = (self.at + 1) % self.rows.shape[1]
        self.seen = self.seen + 1
        return self

    def ages(self) -> tuple[Tensor, Tensor]:
        """Age of each slot's frame in cycles i8[B, slots], from 1 (the last one), and whether there is one."""
        slots = self.rows.shape[1]
        ages = (self.at[:, None] - 1 - torch.arange(slots)) % slots + 1
        return ages, ages <= self.seen[:, None]


class FramePool(nn.Module):
    """image tokens [N, M, D] to what is kept of the frame [N, frame_tokens, D]: learned questions to the picture."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.questions = nn.Parameter(torch.randn(config.frame_tokens, config.width))
        self.key = nn.Linear(config.width, config.width)
        self.norm = nn.LayerNorm(config.width)
        self.scale = config.width**-0.5

    def forward(self, tokens: Tensor) -> Tensor:
        scores = F.linear(self.key(tokens), self.questions.to(tokens.dtype)) * self.scale
        out: Tensor = self.norm(scores.softmax(1).transpose(1, 2).to(tokens.dtype) @ tokens)
        return out


class Context(nn.Module):
    """Keys and values of all that a network reads: now's image tokens, past frames' tokens, the car's own state."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.image = nn.Linear(config.width, 2 * config.width)
        self.past = nn.Linear(config.width, 2 * config.width)
        self.state = nn.Linear(config.width, 2 * config.width)
        self.age = nn.Parameter(torch.zeros(config.heads, config.history - 1))

    def forward(
        self, image: Tensor, state: Tensor, past: Tensor, ages: Tensor, there: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """image [B, M, D], state [B, S, D]; past [B, slots, frame_tokens, 2 D] from `kept`; ages i8[B, slots], there
        bool[B, slots]. Returns keys, values [B, heads, all, D / heads] and bias [B, heads, 1, all]."""
        tokens = past.shape[2]
        pairs = torch.cat([self.image(image), self.state(state), past.flatten(1, 2)], 1)
        keys, values = (heads_of(part, self.config.heads) for part in pairs.chunk(2, -1))
        if torch.is_grad_enabled():
            keys, values = keys.contiguous(), values.contiguous()  # once, not in every layer
        bias = self.age.t()[(ages - 1).clamp(0, self.config.history - 2)].masked_fill(~there[..., None], OUT_OF_SIGHT)
        bias = bias.transpose(1, 2).to(keys.dtype)[..., None].expand(-1, -1, -1, tokens).flatten(2)
        return keys, values, F.pad(bias, (image.shape[1] + state.shape[1], 0))[:, :, None]

    def kept(self, pooled: Tensor) -> Tensor:
        """pooled [..., frame_tokens, D] as what memory holds: [..., frame_tokens, 2 D]."""
        kept: Tensor = self.past(pooled)
        return kept


def windows(kept: Tensor, history: int, limit: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Memory of every frame of clips: kept [B, T, m, D] to [B * T, slots, m, D], ages and what is there.

    slots = min(history, T) - 1; limit i8[B]: no frame older than so many cycles is shown (0: none), for training
    drivers that do not lean on their past.
    """
    b, t, m, d = kept.shape
    slots = max(min(history, t) - 1, 1)
    ages = torch.arange(1, slots + 1)
    source = torch.arange(t)[:, None] - ages
    rows = kept[:, source.clamp(min=0)]
    there = (source >= 0)[None] & (ages <= limit[:, None])[:, None]
    return rows.reshape(b * t, slots, m, d), ages.expand(b * t, slots), there.expand(b, t, slots).reshape(b * t, slots)
