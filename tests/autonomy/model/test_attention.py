"""The attention whose gradient is written out."""

import torch
from torch.nn import functional as F

from autonomy.model.attention import attend


def test_value_and_gradient_are_those_of_pytorch() -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, n, 8, dtype=torch.float64, requires_grad=True) for n in (4, 6, 6))
    bias = torch.randn(2, 3, 1, 6, dtype=torch.float64, requires_grad=True)
    wanted = torch.randn(2, 3, 4, 8, dtype=torch.float64)
    ours = torch.autograd.grad((attend(q, k, v, bias) * wanted).sum(), (q, k, v, bias))
    theirs = torch.autograd.grad(
        (F.scaled_dot_product_attention(q, k, v, attn_mask=bias) * wanted).sum(), (q, k, v, bias)
    )
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other)
