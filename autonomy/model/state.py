"""The car's own state, its route, its platform and what people ask: one vector that sets the network's mind."""

import torch
from torch import Tensor, nn

from autonomy.model.attention import OUT_OF_SIGHT, Mlp, attend, heads_of, joined
from autonomy.model.config import ModelConfig
from autonomy.model.inputs import EGO_SIZE
from autonomy.model.tokenizer import PAD
from autonomy.model.vision import Glance
from autonomy.world.observation import ROUTE_POINTS


class Instruction(nn.Module):
    """words i8[B, n] (word 0 is always there) to one vector [B, width]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        inner = config.word_width
        self.heads = max(inner // 32, 1)
        self.embed = nn.Embedding(config.vocabulary, inner)
        self.place = nn.Parameter(torch.randn(config.words, inner) * 0.3)
        self.norm = nn.LayerNorm(inner)
        self.qkv = nn.Linear(inner, 3 * inner)
        self.mix = nn.Linear(inner, inner)
        self.mlp = Mlp(inner, 2 * inner)
        self.score = nn.Linear(inner, 1)
        self.out = nn.Linear(inner, config.width)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words) + self.place[: words.shape[1]]
        there = words != PAD
        q, k, v = (heads_of(part, self.heads) for part in self.qkv(self.norm(x)).chunk(3, -1))
        masked = torch.zeros_like(there, dtype=q.dtype).masked_fill(~there, OUT_OF_SIGHT)
        x = x + self.mix(joined(attend(q, k, v, masked[:, None, None])))
        x = self.mlp(x)
        weight = self.score(x).masked_fill(~there[..., None], OUT_OF_SIGHT).softmax(1).to(x.dtype)
        out: Tensor = self.out((weight * x).sum(1))
        return out


class State(nn.Module):
    """ego f4[B, EGO_SIZE], route f4[B, 30, 2], words i8[B, n] and image tokens to tokens
    [B, 3, width] and one vector [B, width]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.ego = nn.Sequential(nn.Linear(EGO_SIZE, 128), nn.ReLU(), nn.Linear(128, config.width))
        self.route = nn.Sequential(nn.Linear(2 * ROUTE_POINTS, 128), nn.ReLU(), nn.Linear(128, config.width))
        self.instruction = Instruction(config)
        self.glance = Glance(config)
        self.norm = nn.LayerNorm(config.width)

    def forward(self, ego: Tensor, route: Tensor, words: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        kind = self.norm.weight.dtype
        tokens = torch.stack(
            [self.ego(ego.to(kind)), self.route(route.flatten(1).to(kind) / 20.0), self.instruction(words)], 1
        )
        return tokens, self.norm(tokens.sum(1) + self.glance(image))
