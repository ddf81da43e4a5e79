"""A network made ready to drive: precision and compilation. What training needs is given up."""

from typing import Any

import torch
from torch import nn

from autonomy.model.release import Network
from autonomy.model.vla2 import Vla2

PRECISIONS = ("bf16", "fp32")


def prepare(module: Network, *, precision: str = "bf16", compiled: bool = False) -> Network:
    """The module itself, in evaluation mode, its weights in this precision and laid out for the processor.

    bf16 halves what is read from memory and uses matrix units where the processor has them (AMX, AVX-512 BF16); plans
    are computed in fp32 in any case. compiled: by TorchInductor; the first call with each number of cars then takes
    long. Raises ValueError for another precision.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision: {precision!r} is unknown; known are {', '.join(PRECISIONS)}")
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    module.eval()
    module.encoder.fold()
    module.to(kind).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in the stubs
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    if compiled:
        module.encoder = _compiled(module.encoder)
        if isinstance(module, Vla2):
            module.context, module.reasoner = _compiled(module.context), _compiled(module.reasoner)
        else:
            module.context = _compiled(module.context)
            for layer in module.layers:
                layer.next = _compiled(layer.next)
    return module


def _compiled(part: nn.Module | Any) -> Any:
    return torch.compile(part, dynamic=False)
