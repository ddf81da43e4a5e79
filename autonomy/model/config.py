"""The sizes of a network, as plain data that travels in a release's manifest."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

GENERATIONS = ("vla-2.0", "vla-1.0")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """generation: which network (GENERATIONS). channels, blocks: of the encoder's stages at stride 4, 8 and 16.
    width, heads, layers, mlp: of the transformer. frame_tokens: what is kept of a past picture. history: pictures that
    the network reads, the newest among them (16 at 5 Hz: 3.2 s). latents: reasoning tokens of VLA 2.0; modes: its
    trajectories. words: length of an instruction; said: of an explanation; vocabulary: of both."""

    generation: str = "vla-2.0"
    channels: tuple[int, int, int] = (32, 64, 128)
    blocks: tuple[int, int, int] = (1, 1, 2)
    width: int = 192
    heads: int = 3
    layers: int = 3
    mlp: int = 608
    frame_tokens: int = 4
    history: int = 16
    latents: int = 10
    modes: int = 6
    words: int = 24
    said: int = 14
    vocabulary: int = 512
    word_width: int = 96

    def __post_init__(self) -> None:
        if self.generation not in GENERATIONS:
            raise ValueError(f"generation: {self.generation!r} is unknown; known are {', '.join(GENERATIONS)}")
        if self.width % self.heads:
            raise ValueError(f"width: {self.width} is no multiple of {self.heads} heads")
        for name in ("width", "heads", "layers", "mlp", "frame_tokens", "latents", "modes", "words", "said"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: {getattr(self, name)} is below 1")
        if self.history < 2:
            raise ValueError(f"history: {self.history} is below 2")

    @classmethod
    def of(cls, generation: str) -> Self:
        """The sizes that are shipped: both generations with the same number of parameters, within 1 %."""
        return cls(generation, mlp=704) if generation == "vla-1.0" else cls(generation)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Raises ValueError for an unknown field."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(data) - known):
            raise ValueError(f"config: unknown field {unknown[0]!r}")
        plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
        return cls(**plain)
