"""Explanations in words, decoded from the latents, off the path to action: only when somebody wants to read them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autonomy.model.attention import Cross as CrossAttention
from autonomy.model.attention import Mlp, Self, heads_of
from autonomy.model.config import ModelConfig
from autonomy.model.tokenizer import BEGIN, END


class Explainer(nn.Module):
    """latents [B, L, width] to words i8[B, said]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        inner = config.word_width
        self.config = config
        self.heads = max(inner // 32, 1)
        self.embed = nn.Embedding(config.vocabulary, inner)
        self.place = nn.Parameter(torch.randn(config.said, inner) * 0.3)
        self.read = nn.Linear(config.width, 2 * inner)
        self.cross = CrossAttention(inner, self.heads)
        self.own = Self(inner, self.heads)
        self.mlp = Mlp(inner, 2 * inner)
        self.norm = nn.LayerNorm(inner)
        with torch.no_grad():
            self.embed.weight.mul_(0.08)

    def forward(self, latents: Tensor, said: Tensor) -> Tensor:
        """Log-odds [B, n, vocabulary] of each word, given the words before it; said i8[B, n] as the tokenizer gives."""
        before = F.pad(said[:, :-1], (1, 0), value=BEGIN)
        x = self.embed(before) + self.place[: said.shape[1]]
        keys, values = (heads_of(part, self.heads) for part in self.read(latents).chunk(2, -1))
        x = self.mlp(self.own(self.cross(x, keys, values, None), causal=True))
        return F.linear(self.norm(x), self.embed.weight.to(x.dtype))

    @torch.inference_mode()
    def say(self, latents: Tensor) -> Tensor:
        """The likeliest word, again and again, up to END: i8[B, said]."""
        said = torch.full((len(latents), self.config.said), END)
        done = torch.zeros(len(latents), dtype=torch.bool)
        for k in range(self.config.said):
            word = self(latents, said[:, : k + 1])[:, -1].argmax(-1)
            said[:, k] = word.masked_fill(done, END)
            done |= word == END
            if bool(done.all()):
                break
        return said
