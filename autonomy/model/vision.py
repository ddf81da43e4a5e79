"""From pixels to tokens: one small residual network for all cameras.

The two front cameras are read at full resolution (4 x 4 patches), the three others at half (8 x 8 patches): what is
far lies ahead. The residual branches start small (Zhang et al., Fixup, ICLR 2019) and go without normalisation; after
each change of resolution and at the end features are normalised over the batch, or else what all pictures have in
common would drown what they differ in, and learning takes several times as long. For driving that is folded away.
"""

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autonomy.model.attention import relu
from autonomy.model.config import ModelConfig
from autonomy.world.camera import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH

FAR_CAMERAS = 2  # front_narrow, front_wide come first
CAMERAS = len(CAMERA_NAMES)
_FAR, _NEAR = 4, 8
MIDDLE, SPREAD = 110.0, 64.0  # of pixel values, about
_SLICE = 32  # frames encoded at once: larger batches fall out of the processor's cache
IMAGE_TOKENS = FAR_CAMERAS * (FRAME_HEIGHT // 16) * (FRAME_WIDTH // 16) + (CAMERAS - FAR_CAMERAS) * (
    FRAME_HEIGHT // 32
) * (FRAME_WIDTH // 32)


def patches(pixels: Tensor, cameras: slice, size: int) -> Tensor:
    """u1[N, 5, 3, H, W] to u1[N * H/size * cameras * W/size, 3 * size * size]; size 4 or 8. The cameras stand side by
    side, as one wide picture: convolutions over few large pictures are quicker than over many small ones.

    A row of a patch is moved as one machine word: four times quicker than byte by byte.
    """
    word = torch.int32 if size == _FAR else torch.int64
    n, _, colours, height, width = pixels.shape
    rows = pixels.contiguous().view(word)[:, cameras]
    rows = rows.reshape(n, -1, colours, height // size, size, width // size)
    return rows.permute(0, 3, 1, 5, 2, 4).reshape(-1, colours * size).view(torch.uint8)


def bytes_in(layer: nn.Linear, pixels: Tensor) -> Tensor:
    """The layer on (pixels - MIDDLE) / SPREAD. Its weights are changed in place of the pixels, which are many."""
    weight = layer.weight / SPREAD
    return F.linear(pixels, weight.to(pixels.dtype), (layer.bias - MIDDLE * weight.sum(1)).to(pixels.dtype))


class Block(nn.Module):
    """x + f(x) with two 3 x 3 convolutions; f starts at a fifth of its usual size."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        for layer in (self.first, self.second):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.second.weight.mul_(0.2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(relu(self.first(x)))
        return relu(y + x if torch.is_grad_enabled() else y.add_(x))


class TokenNorm(nn.BatchNorm1d):
    """Batch normalisation of tokens [N, M, D] over N and M."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(0, 1)).view(x.shape)


class Glance(nn.Module):
    """The whole picture in one look: tokens [N, IMAGE_TOKENS, width] to one vector [N, width], every place with weights
    of its own. Attention must first learn where to look; this is there from the first step."""

    def __init__(self, config: ModelConfig, inner: int = 16) -> None:
        super().__init__()
        self.narrow = nn.Linear(config.width, inner)
        self.out = nn.Linear(IMAGE_TOKENS * inner, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.out(relu(self.narrow(tokens)).flatten(1))
        return out


class Encoder(nn.Module):
    """pixels u1[N, 5, 3, 64, 128] to tokens [N, IMAGE_TOKENS, width], each frame by itself."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        first, *_, last = config.channels
        self.far = nn.Linear(3 * _FAR * _FAR, first)
        self.near = nn.Linear(3 * _NEAR * _NEAR, first)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, 2, 1) for a, b in zip(config.channels[:-1], config.channels[1:], strict=True)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(c) for _ in range(n))) for c, n in zip(config.channels, config.blocks, strict=True)
        )
        for layer in self.down:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")  # type: ignore[arg-type]
        for stem, size in ((self.far, _FAR), (self.near, _NEAR)):
            nn.init.normal_(stem.weight, std=1.4 / (size * 3**0.5))
            nn.init.zeros_(stem.bias)
        self.out = nn.Linear(last, config.width)
        self.settle = nn.ModuleList(nn.BatchNorm2d(c) for c in config.channels[1:])
        self.norm: nn.Module = TokenNorm(config.width)
        self.settled = False
        self.place = nn.Parameter(torch.randn(IMAGE_TOKENS, config.width) * 0.5)

    def forward(self, pixels: Tensor) -> Tensor:
        if pixels.shape[0] <= _SLICE or torch.is_grad_enabled():
            return self._encode(pixels)
        return torch.cat([self._encode(part) for part in torch.split(pixels, _SLICE)])

    def _encode(self, pixels: Tensor) -> Tensor:
        n = pixels.shape[0]
        kind = torch.bfloat16 if torch.is_autocast_enabled("cpu") else self.far.weight.dtype
        far = relu(bytes_in(self.far, patches(pixels, slice(FAR_CAMERAS), _FAR).to(kind)))
        near = relu(bytes_in(self.near, patches(pixels, slice(FAR_CAMERAS, None), _NEAR).to(kind)))
        height, width = pixels.shape[-2:]
        far = self._trunk(far.view(n, height // _FAR, FAR_CAMERAS * width // _FAR, -1))
        near = self._trunk(near.view(n, height // _NEAR, (CAMERAS - FAR_CAMERAS) * width // _NEAR, -1))
        tokens = torch.cat([far.reshape(n, -1, far.shape[-1]), near.reshape(n, -1, near.shape[-1])], 1)
        out: Tensor = self.norm(self.out(tokens)) + self.place
        return out

    def train(self, mode: bool = True) -> Self:
        """With `settled`, normalisation keeps to the statistics learned so far: for batches of a few long clips, whose
        own would be those of a handful of places."""
        super().train(mode)
        for layer in (*self.settle, self.norm):
            layer.train(mode and not self.settled)
        return self

    @torch.no_grad()
    def fold(self) -> None:
        """Put normalisation into the weights before it, for driving; the results are the same."""
        before = (*self.down, self.out)
        for layer, norm in zip(before, (*self.settle, self.norm), strict=True):
            if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
                assert isinstance(layer, nn.Conv2d | nn.Linear)
                assert norm.running_mean is not None
                assert norm.running_var is not None
                assert layer.bias is not None
                scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
                layer.weight.mul_(scale.view(-1, *[1] * (layer.weight.ndim - 1)))
                layer.bias.copy_((layer.bias - norm.running_mean) * scale + norm.bias)
        self.settle = nn.ModuleList(nn.Identity() for _ in self.settle)
        self.norm = nn.Identity()

    def _trunk(self, x: Tensor) -> Tensor:
        """[N, h, w, c] in and out: that is how a channels-last picture lies in memory."""
        x = self.stages[0](x.permute(0, 3, 1, 2))
        for down, settle, stage in zip(self.down, self.settle, list(self.stages)[1:], strict=True):
            x = stage(relu(settle(down(x))))
        out: Tensor = x.permute(0, 2, 3, 1)
        return out
