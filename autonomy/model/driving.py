"""A network made ready to drive: precision and layout. What training needs is given up."""

import torch

from autonomy.model.release import Network

PRECISIONS = ("bf16", "fp32")


def prepare(module: Network, *, precision: str = "bf16") -> Network:
    """The module itself, in evaluation mode, its weights in this precision and laid out for the processor.

    bf16 halves what is read from memory and uses matrix units where the processor has them (AMX, AVX-512 BF16); plans
    are computed in fp32 in any case. Raises ValueError for another precision.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision: {precision!r} is unknown; known are {', '.join(PRECISIONS)}")
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    module.eval()
    module.encoder.fold()
    module.to(kind).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in the stubs
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module
