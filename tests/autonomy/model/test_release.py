"""Releases on disk."""

import json
from pathlib import Path

import pytest
import torch

from autonomy.model.config import ModelConfig
from autonomy.model.release import EXTRA, MANIFEST, WEIGHTS, build, load_release, parameters, save_release
from tests.autonomy.model.small import small


@pytest.mark.parametrize("name", ["vla-2.0", "vla-1.0"])
def test_a_release_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    module = build(small(name), seed=3)
    save_release(tmp_path, module, {"about": "a test", "calibration": {"ood_scale": 2.0}}, {"ood.mean": torch.ones(3)})
    loaded, manifest = load_release(tmp_path)
    assert loaded.config == module.config
    for key, value in module.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value.to(torch.bfloat16).float())
    assert (manifest["name"], manifest["about"], manifest["parameters"]) == (name, "a test", parameters(module))
    assert torch.equal(manifest["extra"]["ood.mean"], torch.ones(3))


def test_the_same_seed_gives_the_same_weights_and_leaves_the_dice_alone() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    one, other = build(small(), seed=1).state_dict(), build(small(), seed=1).state_dict()
    assert torch.equal(torch.rand(1), wanted)
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_a_release_without_extra_forgets_the_extra_of_the_one_before(tmp_path: Path) -> None:
    save_release(tmp_path, build(small()), {}, {"ood.mean": torch.ones(3)})
    save_release(tmp_path, build(small()), {})
    assert not (tmp_path / EXTRA).exists()
    assert load_release(tmp_path)[1]["extra"] == {}


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    save_release(tmp_path, build(small()), {})
    data = bytearray((tmp_path / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(data)
    with pytest.raises(ValueError, match="sha256"):
        load_release(tmp_path)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="manifest"):
        load_release(tmp_path)
    save_release(tmp_path, build(small()), {})
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    (tmp_path / MANIFEST).write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(ValueError, match="format"):
        load_release(tmp_path)
    config = {**manifest["config"], "mlp": 96}
    (tmp_path / MANIFEST).write_text(json.dumps({**manifest, "config": config}))
    with pytest.raises(ValueError, match="does not fit its config"):
        load_release(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(ValueError, match="weights"):
        load_release(tmp_path)


def test_a_config_travels_as_plain_data() -> None:
    config = ModelConfig.of("vla-1.0")
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    with pytest.raises(ValueError, match="unknown field 'wings'"):
        ModelConfig.from_dict({"wings": 2})
    with pytest.raises(ValueError, match="generation: 'vla-9' is unknown"):
        ModelConfig("vla-9")
    with pytest.raises(ValueError, match="width: 100 is no multiple of 3 heads"):
        ModelConfig(width=100)
