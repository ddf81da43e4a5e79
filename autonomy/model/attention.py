"""Parts of a transformer, as both networks use them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def relu(x: Tensor) -> Tensor:
    """In place when no gradient is asked for: only for values that nobody else holds."""
    return F.relu(x, inplace=not torch.is_grad_enabled())


def heads_of(x: Tensor, heads: int) -> Tensor:
    """[B, L, D] to [B, heads, L, D / heads]."""
    b, n, d = x.shape
    return x.view(b, n, heads, d // heads).transpose(1, 2)


def joined(x: Tensor) -> Tensor:
    """[B, heads, L, D / heads] to [B, L, D]."""
    return x.transpose(1, 2).flatten(2)


class Cross(nn.Module):
    """Queries of one side over keys and values that were made elsewhere, once for all layers."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None) -> Tensor:
        """x [B, L, D]; keys, values [B, heads, M, D / heads]; bias [B, heads or 1, 1, M] is added to the scores."""
        asked = heads_of(self.query(self.norm(x)), self.heads)
        return x + self.out(joined(F.scaled_dot_product_attention(asked, keys, values, attn_mask=bias)))


class Self(nn.Module):
    """Attention among x, causal if asked; with `cache` one by one."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, *, causal: bool = False) -> Tensor:
        q, k, v = (heads_of(part, self.heads) for part in self.qkv(self.norm(x)).chunk(3, -1))
        return x + self.out(joined(F.scaled_dot_product_attention(q, k, v, is_causal=causal)))

    def next(self, x: Tensor, cache: Tensor, at: int) -> Tensor:
        """One more token x [B, 1, D]; cache [2, B, heads, length, D / heads] is written at `at`."""
        q, k, v = (heads_of(part, self.heads) for part in self.qkv(self.norm(x)).chunk(3, -1))
        cache[0, :, :, at : at + 1] = k
        cache[1, :, :, at : at + 1] = v
        seen = F.scaled_dot_product_attention(q, cache[0, :, :, : at + 1], cache[1, :, :, : at + 1])
        return x + self.out(joined(seen))


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.down(relu(self.up(self.norm(x))))


class Layer(nn.Module):
    """Read the context, think among themselves, think alone."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.cross = Cross(width, heads)
        self.own = Self(width, heads)
        self.mlp = Mlp(width, hidden)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None, *, causal: bool = False) -> Tensor:
        return self.mlp(self.own(self.cross(x, keys, values, bias), causal=causal))

    def next(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None, cache: Tensor, at: int) -> Tensor:
        return self.mlp(self.own.next(self.cross(x, keys, values, bias), cache, at))


def small_start(layers: nn.ModuleList) -> None:
    """Residual branches start small, so that depth does not hurt the first steps."""
    with torch.no_grad():
        for layer in layers:
            assert isinstance(layer, Layer)
            for last in (layer.cross.out, layer.own.out, layer.mlp.down):
                last.weight.mul_(1 / (3 * len(layers)) ** 0.5)
