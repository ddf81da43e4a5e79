"""VLA 2.0: every picture is encoded once, latents reason, all waypoints are decoded in parallel."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autonomy.model.action import PlanHead, headings, speeds
from autonomy.model.config import ModelConfig
from autonomy.model.cruise import cruise
from autonomy.model.heads import TruthHeads
from autonomy.model.inputs import SPEED_SCALE, Inputs, Outputs, flat_inputs
from autonomy.model.language import Explainer
from autonomy.model.latent import Reasoner
from autonomy.model.memory import Context, FramePool, Memory, windows
from autonomy.model.state import State
from autonomy.model.vision import Encoder


@dataclass(slots=True)
class Clip:
    """What `forward_clip` gives the losses, B * T rows: raw f4[N, K, PLAN_SIZE], xy f4[N, K, 20, 2], pace
    f4[N, K, 20]; heads as TruthHeads gives them; latents [N, L, D]; embedding [N, D]."""

    raw: Tensor
    xy: Tensor
    pace: Tensor
    heads: tuple[Tensor, ...]
    latents: Tensor
    embedding: Tensor


class Vla2(nn.Module):
    """`step` drives, `forward_clip` trains; both make the same of the same pictures."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.pool = FramePool(config)
        self.state = State(config)
        self.context = Context(config)
        self.reasoner = Reasoner(config)
        self.plan = PlanHead(config)
        self.truth = TruthHeads(config, config.latents)
        self.explainer = Explainer(config)

    @property
    def kind(self) -> torch.dtype:
        return self.encoder.out.weight.dtype

    def new_memory(self, cars: int) -> Memory:
        """An empty memory of so many cars."""
        c = self.config
        rows = torch.zeros(cars, c.history - 1, c.frame_tokens, 2 * c.width, dtype=self.kind)
        return Memory(rows, torch.zeros(cars, dtype=torch.long), torch.zeros(cars, dtype=torch.long))

    @torch.inference_mode()
    def step(self, inputs: Inputs, memory: Memory) -> tuple[Outputs, Memory]:
        """One cycle of B cars; memory has B rows and is changed in place."""
        image = self.encoder(inputs.pixels)
        pooled = self.pool(image)
        raw, heads, latents = self._think(image, inputs, memory.rows, *memory.ages())
        memory.push(self.context.kept(pooled))
        cause, order, refuse, asks, error, aux = heads
        speed = inputs.ego[:, 0] * SPEED_SCALE
        xy, _ = self.plan.decode(raw, inputs.route, speed, cruise(inputs.route, inputs.ego))
        plans = torch.cat([xy, headings(xy)[..., None], speeds(xy)[..., None]], -1)
        return Outputs(
            plans, raw[..., -1].softmax(-1), cause, order, refuse.sigmoid(), asks.sigmoid(), error.exp(), aux,
            latents, pooled.float().mean(1),
        ), memory  # fmt: skip

    def _think(
        self, image: Tensor, inputs: Inputs, past: Tensor, ages: Tensor, there: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
        tokens, mind = self.state(inputs.ego, inputs.route, inputs.words, image)
        keys, values, bias = self.context(image, tokens, past, ages, there)
        thought = self.reasoner(mind, keys, values, bias)
        modes, latents = thought.split([self.config.modes, self.config.latents], 1)
        return self.plan(modes).float(), self.truth(latents), latents

    def forward_clip(self, inputs: Inputs, limit: Tensor | None = None, hide: Tensor | None = None) -> Clip:
        """inputs [B, T, ...], each frame encoded once. limit i8[B]: how many past frames may be seen (default: all);
        hide bool[B]: clips that are not told their own speed."""
        b, t = inputs.pixels.shape[:2]
        image = self.encoder(inputs.pixels.flatten(0, 1))
        pooled = self.pool(image)
        kept = self.context.kept(pooled).view(b, t, self.config.frame_tokens, -1)
        full = torch.full((b,), self.config.history - 1) if limit is None else limit
        speed = inputs.ego[..., 0].flatten() * SPEED_SCALE
        base = cruise(inputs.route.flatten(0, 1), inputs.ego.flatten(0, 1))
        flat = flat_inputs(inputs, hide)
        raw, heads, latents = self._think(image, flat, *windows(kept, self.config.history, full))
        xy, pace = self.plan.decode(raw, flat.route, speed, base, leak=0.05)
        return Clip(raw, xy, pace, heads, latents, pooled.float().mean(1))
