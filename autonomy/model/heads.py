"""What the latents must be able to tell: reasons, refusals, doubts, and truths that only the simulator knows."""

from torch import Tensor, nn

from autonomy.model.config import ModelConfig
from autonomy.model.inputs import AUX_NAMES, CAUSES, ORDERS

_SIZES = (len(CAUSES), len(ORDERS), 1, 1, 1, len(AUX_NAMES))


class TruthHeads(nn.Module):
    """latents [B, L, width] to (cause, order, refuse, help, log error, aux), each f4[B, ...]."""

    def __init__(self, config: ModelConfig, latents: int, inner: int = 64) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.width)
        self.narrow = nn.Linear(config.width, inner)
        self.out = nn.Linear(latents * inner, sum(_SIZES))

    def forward(self, latents: Tensor) -> tuple[Tensor, ...]:
        told = self.out(self.narrow(self.norm(latents)).flatten(1).relu()).float()
        cause, order, refuse, asks, error, aux = told.split(_SIZES, 1)
        return cause, order, refuse[:, 0], asks[:, 0], error[:, 0], aux
