"""VLA 1.0, the base line: it reads its pictures again in every cycle, reasons in language tokens and then decodes its
action, one token after the other.

Same backbone, same state, same context, equal parameters, and the same engineering as VLA 2.0: half precision,
batching, keys and values of the context made once for all layers and tokens, a KV cache, log-odds only of the tokens
that can come next. With `cached=True` it keeps the features of its past pictures too, as VLA 2.0 does.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autonomy.model.action import headings, speeds
from autonomy.model.attention import Layer, small_start
from autonomy.model.config import ModelConfig
from autonomy.model.heads import TruthHeads
from autonomy.model.inputs import Inputs, Outputs, flat_inputs
from autonomy.model.memory import Context, FramePool, Memory, windows
from autonomy.model.speech import BINS, FACTS, Speech, action_from, all_tokens, plan_of
from autonomy.model.state import State
from autonomy.model.vision import CAMERAS, Encoder
from autonomy.world.action import ACTION_STEPS
from autonomy.world.camera import FRAME_HEIGHT, FRAME_WIDTH


@dataclass(slots=True)
class SpokenClip:
    """What `forward_clip` gives the losses, of N chosen frames: log-odds of every fact [N, its values], of the words
    [N, said, vocabulary] and of the action's steps [N, 20, 2, BINS]; heads as TruthHeads gives them; embedding of all
    frames [B * T, D]."""

    facts: list[Tensor]
    words: Tensor
    action: Tensor
    heads: tuple[Tensor, ...]
    embedding: Tensor


class Vla1(nn.Module):
    """`step` drives, `forward_clip` trains; at training each frame is encoded once too, which is the same sum."""

    def __init__(self, config: ModelConfig, *, cached: bool = False) -> None:
        super().__init__()
        self.config = config
        self.cached = cached
        self.speech = Speech(config)
        self.encoder = Encoder(config)
        self.pool = FramePool(config)
        self.state = State(config)
        self.context = Context(config)
        self.embed = nn.Embedding(all_tokens(config), config.width)
        self.place = nn.Parameter(torch.randn(self.speech.length, config.width) * 0.3)
        self.film = nn.Linear(config.width, 2 * config.width * config.layers)
        self.layers = nn.ModuleList(Layer(config.width, config.heads, config.mlp) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.truth = TruthHeads(config, 1)
        with torch.no_grad():
            self.embed.weight.mul_(0.08)
            self.film.weight.mul_(0.5)
        small_start(self.layers)

    @property
    def kind(self) -> torch.dtype:
        return self.encoder.out.weight.dtype

    def new_memory(self, cars: int) -> Memory:
        c = self.config
        if self.cached:
            rows = torch.zeros(cars, c.history - 1, c.frame_tokens, 2 * c.width, dtype=self.kind)
        else:
            rows = torch.zeros(cars, c.history - 1, CAMERAS, 3, FRAME_HEIGHT, FRAME_WIDTH, dtype=torch.uint8)
        return Memory(rows, torch.zeros(cars, dtype=torch.long), torch.zeros(cars, dtype=torch.long))

    @torch.inference_mode()
    def step(self, inputs: Inputs, memory: Memory) -> tuple[Outputs, Memory]:
        """One cycle of B cars; memory has B rows and is changed in place."""
        b = len(inputs.pixels)
        image = self.encoder(inputs.pixels)
        pooled = self.pool(image)
        past = memory.rows if self.cached else self.context.kept(self._reread(memory.rows))
        tokens, mind = self.state(inputs.ego, inputs.route, inputs.words, image)
        context = self.context(image, tokens, past, *memory.ages())
        memory.push(self.context.kept(pooled) if self.cached else inputs.pixels)
        told, first = self._decode(mind, context)
        cause, order, _, _, error, aux = self.truth(first)
        spoken = self.speech.read(told)
        xy = plan_of(self.speech.steps(told), inputs.route, inputs.ego)
        plans = torch.cat([xy, headings(xy)[..., None], speeds(xy)[..., None]], -1)[:, None]
        cause = F.one_hot(spoken["cause"], cause.shape[1]) * 10.0
        order = F.one_hot(spoken["order"], order.shape[1]) * 10.0
        return Outputs(
            plans, torch.ones(b, 1), cause, order, spoken["refuse"].float(), spoken["help"].float(),
            error.exp(), aux, told[:, len(FACTS) : len(FACTS) + self.config.said, None],
            pooled.float().mean(1),
        ), memory  # fmt: skip

    def _reread(self, frames: Tensor) -> Tensor:
        """Pictures u1[B, slots, 5, 3, H, W] to what is kept of each [B, slots, frame_tokens, D]."""
        b, slots = frames.shape[:2]
        pooled: Tensor = self.pool(self.encoder(frames.flatten(0, 1)))
        return pooled.view(b, slots, self.config.frame_tokens, -1)

    def _decode(self, mind: Tensor, context: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Tokens i8[B, length] and the first hidden state [B, 1, D]; context: keys, values, bias."""
        c, length, b = self.config, self.speech.length, len(mind)
        shifts = self.film(mind)[:, None].chunk(2 * c.layers, -1)
        cache = context[0].new_empty(c.layers, 2, b, c.heads, length, c.width // c.heads)
        told = torch.zeros(b, length, dtype=torch.long)
        x = mind[:, None] + self.place[:1]
        first = x
        for k in range(length):
            for j, layer in enumerate(self.layers):
                assert isinstance(layer, Layer)
                x = layer.next(x * (1.0 + shifts[2 * j]) + shifts[2 * j + 1], context, cache[j], k)
            first = x if k == 0 else first
            low, high = self.speech.ranges[k]
            odds = F.linear(self.norm(x[:, 0]), self.embed.weight[low:high])
            token = odds.argmax(-1) + low
            told[:, k] = token
            if k + 1 < length:
                x = self.embed(token)[:, None] + self.place[k + 1] + mind[:, None]
        return told, first

    def forward_clip(
        self, inputs: Inputs, told: Tensor, rows: Tensor, limit: Tensor | None = None, hide: Tensor | None = None
    ) -> SpokenClip:
        """inputs [B, T, ...]; rows i8[N]: which of the B * T frames are decoded; told i8[N, length]: their tokens
        (`Speech.write`), given to the decoder as if it had said them; limit, hide as in VLA 2.0."""
        b, t = inputs.pixels.shape[:2]
        image = self.encoder(inputs.pixels.flatten(0, 1))
        pooled = self.pool(image)
        kept = self.context.kept(pooled).view(b, t, self.config.frame_tokens, -1)
        full = torch.full((b,), self.config.history - 1) if limit is None else limit
        past, ages, there = windows(kept, self.config.history, full)
        flat = flat_inputs(inputs, hide)
        tokens, mind = self.state(flat.ego[rows], flat.route[rows], flat.words[rows], image[rows])
        keys, values, bias = self.context(image[rows], tokens, past[rows], ages[rows], there[rows])
        x = torch.cat([torch.zeros_like(mind)[:, None], self.embed(told[:, :-1])], 1) + self.place + mind[:, None]
        shifts = self.film(mind)[:, None].chunk(2 * self.config.layers, -1)
        for j, layer in enumerate(self.layers):
            x = layer(x * (1.0 + shifts[2 * j]) + shifts[2 * j + 1], keys, values, bias, causal=True)
        first, words_end = len(FACTS), action_from(self.config)
        hidden, table = self.norm(x), self.embed.weight
        facts = [F.linear(hidden[:, k], table[slice(*self.speech.ranges[k])].to(x.dtype)) for k in range(first)]
        words = F.linear(hidden[:, first:words_end], table[: self.config.vocabulary].to(x.dtype))
        pairs = hidden[:, words_end:].reshape(len(hidden), ACTION_STEPS, 2, -1)
        steps = table[self.speech.action_base :].view(2, BINS, -1).to(x.dtype)
        action = torch.einsum("ntpd,pbd->ntpb", pairs, steps)
        return SpokenClip(facts, words, action, self.truth(x[:, :1]), pooled.float().mean(1))
