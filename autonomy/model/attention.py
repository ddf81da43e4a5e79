"""Parts of a transformer, as both networks use them."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

OUT_OF_SIGHT = -1e4


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


class _Attend(torch.autograd.Function):
    """softmax(q k' / sqrt(d) + bias) v with its gradient written out: over short rows in bf16 on a CPU more than twice
    as quick as what PyTorch derives, which copies and scales keys and values again and again."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
        b, heads, n, d = q.shape
        m = k.shape[2]
        q, k, v = (part.reshape(b * heads, -1, d) for part in (q, k, v))
        scores = torch.bmm(q, k.transpose(1, 2)).mul_(d**-0.5).view(b, heads, n, m)
        if bias is not None:
            scores = scores.add_(bias)
        shares = scores.softmax(-1).view(b * heads, n, m)
        ctx.save_for_backward(q, k, v, shares)
        ctx.heads = heads
        ctx.biased = bias is not None and bias.requires_grad
        return torch.bmm(shares, v).view(b, heads, n, d)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        q, k, v, shares = ctx.saved_tensors
        d, heads = q.shape[-1], ctx.heads
        grad = grads[0].reshape(q.shape)
        of_v = torch.bmm(shares.transpose(1, 2), grad)
        of_shares = torch.bmm(grad, v.transpose(1, 2))
        of_scores = shares * (of_shares - (of_shares * shares).sum(-1, keepdim=True))
        rows = (-1, heads, *of_scores.shape[1:])
        of_bias = of_scores.view(rows).sum(2, keepdim=True) if ctx.biased else None
        of_scores = of_scores * d**-0.5
        of_q, of_k = torch.bmm(of_scores, k), torch.bmm(of_scores.transpose(1, 2), q)
        of_q, of_k, of_v = (part.view(-1, heads, *part.shape[1:]) for part in (of_q, of_k, of_v))
        return of_q, of_k, of_v, of_bias


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None) -> Tensor:
    """q [B, heads, L, d] over k, v [B, heads, M, d]; bias, [B, heads, 1, M] or as wide as the scores, is added."""
    if torch.is_grad_enabled():
        out: Tensor = _Attend.apply(q, k, v, bias)  # type: ignore[no-untyped-call]
        return out
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


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
        out: Tensor = x + self.out(joined(attend(asked, keys, values, bias)))
        return out


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
        later = torch.full((x.shape[1],) * 2, OUT_OF_SIGHT, dtype=q.dtype).triu(1) if causal else None
        out: Tensor = x + self.out(joined(attend(q, k, v, later)))
        return out

    def next(self, x: Tensor, cache: Tensor, at: int) -> Tensor:
        """One more token x [B, 1, D]; cache [2, B, heads, length, D / heads] is written at `at`."""
        q, k, v = (heads_of(part, self.heads) for part in self.qkv(self.norm(x)).chunk(3, -1))
        cache[0, :, :, at : at + 1] = k
        cache[1, :, :, at : at + 1] = v
        seen = F.scaled_dot_product_attention(q, cache[0, :, :, : at + 1], cache[1, :, :, : at + 1])
        out: Tensor = x + self.out(joined(seen))
        return out


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.down(relu(self.up(self.norm(x))))
        return out


class Layer(nn.Module):
    """Read the context, think among themselves, think alone."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.cross = Cross(width, heads)
        self.own = Self(width, heads)
        self.mlp = Mlp(width, hidden)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None, *, causal: bool = False) -> Tensor:
        out: Tensor = self.mlp(self.own(self.cross(x, keys, values, bias), causal=causal))
        return out

    def next(self, x: Tensor, context: tuple[Tensor, Tensor, Tensor | None], cache: Tensor, at: int) -> Tensor:
        """One more token of a causal row; context: keys, values, bias."""
        out: Tensor = self.mlp(self.own.next(self.cross(x, *context), cache, at))
        return out


def small_start(layers: nn.ModuleList) -> None:
    """Residual branches start small, so that depth does not hurt the first steps."""
    with torch.no_grad():
        for layer in layers:
            assert isinstance(layer, Layer)
            for last in (layer.cross.out, layer.own.out, layer.mlp.down):
                last.weight.mul_(1 / (3 * len(layers)) ** 0.5)
