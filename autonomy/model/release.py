"""Releases on disk: weights.safetensors (bf16), extra.safetensors (calibration's arrays), manifest.json.

No pickle: a release comes over the air and must not be able to run code.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from autonomy.model.config import ModelConfig
from autonomy.model.vla1 import Vla1
from autonomy.model.vla2 import Vla2

Network = Vla1 | Vla2
WEIGHTS, EXTRA, MANIFEST = "weights.safetensors", "extra.safetensors", "manifest.json"
FORMAT = 1


def build(config: ModelConfig, *, seed: int = 0) -> Network:
    """A network with random weights, the same for the same seed."""
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        return Vla1(config) if config.generation == "vla-1.0" else Vla2(config)
    finally:
        torch.random.set_rng_state(state)


def parameters(module: Network) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def save_release(
    path: Path, module: Network, manifest: Mapping[str, Any], extra: Mapping[str, Tensor] | None = None
) -> None:
    """Write a release; `manifest` is kept as given, with config, parameters, format and sha256 of the weights added.
    `extra`: arrays that go with it (what strange pictures are measured by)."""
    path.mkdir(parents=True, exist_ok=True)
    weights = {name: _packed(name, value) for name, value in module.state_dict().items()}
    save_file(weights, path / WEIGHTS)
    if extra:
        save_file({name: value.detach().contiguous() for name, value in extra.items()}, path / EXTRA)
    else:
        (path / EXTRA).unlink(missing_ok=True)
    whole = {
        "name": module.config.generation, **manifest, "format": FORMAT, "config": module.config.to_dict(),
        "parameters": parameters(module), "sha256": _sha256(path / WEIGHTS),
    }  # fmt: skip
    (path / MANIFEST).write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n")


def read_manifest(path: Path) -> dict[str, Any]:
    """Raises ValueError when there is none, or one of another format."""
    try:
        manifest = json.loads((path / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"manifest: {path / MANIFEST} can't be read ({error})") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"format: {path / MANIFEST} is not of format {FORMAT}")
    return manifest


def load_release(path: Path) -> tuple[Network, dict[str, Any]]:
    """The network, in full precision and ready to be trained on or prepared for driving (`driving.prepare`), and its
    manifest; arrays that came with it are under "extra" as tensors.

    Raises ValueError when a part is missing, was changed, or does not fit the config.
    """
    manifest = read_manifest(path)
    try:
        if _sha256(path / WEIGHTS) != manifest.get("sha256"):
            raise ValueError(f"sha256: {path / WEIGHTS} is not the file that the manifest names")
        weights = load_file(path / WEIGHTS)
        extra = load_file(path / EXTRA) if (path / EXTRA).exists() else {}
    except (OSError, SafetensorError) as error:
        raise ValueError(f"weights: {path} can't be read ({error})") from error
    module = build(ModelConfig.from_dict(manifest["config"]))
    try:
        module.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
        )
    except RuntimeError as error:
        raise ValueError(f"weights: {path} does not fit its config ({error})") from error
    return module, {**manifest, "extra": extra}


def _packed(name: str, value: Tensor) -> Tensor:
    """Half precision, but for counts and statistics, which are few and matter."""
    whole = not value.is_floating_point() or "running_" in name
    return value.detach().to(value.dtype if whole else torch.bfloat16).contiguous()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
