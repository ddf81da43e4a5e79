"""Both networks: what they drive by is what they were trained with, and every car is a car by itself."""

import pytest
import torch

from autonomy.model.config import ModelConfig
from autonomy.model.inputs import Inputs, Outputs
from autonomy.model.release import build, parameters
from autonomy.model.vla1 import Vla1
from autonomy.model.vla2 import Vla2
from tests.autonomy.model.small import inputs, one_frame, small

BOTH = ("vla-2.0", "vla-1.0")


def drive(module: Vla2 | Vla1, clips: Inputs) -> list[Outputs]:
    memory = module.new_memory(len(clips.pixels))
    return [module.step(one_frame(clips, at), memory)[0] for at in range(clips.pixels.shape[1])]


def test_both_generations_have_equal_parameters() -> None:
    newer, older = (parameters(build(ModelConfig.of(name))) for name in BOTH)
    assert abs(older / newer - 1) < 0.03
    assert newer < 3_600_000


def test_streaming_frame_by_frame_gives_what_the_whole_clip_gives() -> None:
    module = build(small(history=3)).eval()
    assert isinstance(module, Vla2)
    clips = inputs(2, 5)
    driven = drive(module, clips)
    with torch.no_grad():
        whole = module.forward_clip(clips)
    for at, outputs in enumerate(driven):
        torch.testing.assert_close(outputs.plans[..., :2], whole.xy.view(2, 5, *whole.xy.shape[1:])[:, at])
        torch.testing.assert_close(outputs.aux, whole.heads[5].view(2, 5, -1)[:, at])
        torch.testing.assert_close(outputs.embedding, whole.embedding.view(2, 5, -1)[:, at])


@pytest.mark.parametrize("cached", [False, True])
def test_the_base_line_says_with_its_cache_what_it_would_say_at_once(cached: bool) -> None:
    config = small("vla-1.0", history=3)
    module = Vla1(config, cached=cached).eval()
    clips = inputs(2, 4)
    memory = module.new_memory(2)
    for at in range(4):
        tokens, first = spoken(module, one_frame(clips, at), memory)
    rows = torch.tensor([3, 7])  # the last frames of both clips
    with torch.no_grad():
        whole = module.forward_clip(clips, tokens, rows)
    torch.testing.assert_close(whole.heads[0], module.truth(first)[0])
    steps = module.speech.steps(tokens)
    assert torch.equal(whole.action.argmax(-1), steps)


def spoken(module: Vla1, seen: Inputs, memory: object) -> tuple[torch.Tensor, torch.Tensor]:
    """One cycle; what `_decode` gave is kept."""
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []
    decode = module._decode

    def listen(
        mind: torch.Tensor, context: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        kept.append(decode(mind, context))
        return kept[-1]

    module._decode = listen  # type: ignore[method-assign]
    module.step(seen, memory)  # type: ignore[arg-type]
    module._decode = decode  # type: ignore[method-assign]
    return kept[0][0].clone(), kept[0][1].clone()


def test_the_cached_base_line_answers_as_the_one_that_reads_again() -> None:
    config = small("vla-1.0", history=3)
    again, cached = Vla1(config).eval(), Vla1(config, cached=True).eval()
    cached.load_state_dict(again.state_dict())
    clips = inputs(2, 4)
    for one, other in zip(drive(again, clips), drive(cached, clips), strict=True):
        torch.testing.assert_close(one.plans, other.plans)


@pytest.mark.parametrize("name", BOTH)
def test_cars_of_a_batch_do_not_know_of_each_other(name: str) -> None:
    module = build(small(name)).eval()
    clips = inputs(3, 3)
    together = drive(module, clips)
    alone = Inputs(clips.pixels[1:2], clips.ego[1:2], clips.route[1:2], clips.words[1:2])
    for one, other in zip(drive(module, alone), together, strict=True):
        torch.testing.assert_close(one.plans[0], other.plans[1], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", BOTH)
def test_shapes_and_bounds_of_an_answer(name: str) -> None:
    config = small(name)
    outputs = drive(build(config).eval(), inputs(2, 2))[-1]
    modes = config.modes if name == "vla-2.0" else 1
    assert outputs.plans.shape == (2, modes, 20, 4)
    torch.testing.assert_close(outputs.weights.sum(1), torch.ones(2))
    assert bool((outputs.plans[..., 3] >= 0).all())
    assert bool(torch.isfinite(outputs.plans).all())
    assert bool(((outputs.refuse >= 0) & (outputs.refuse <= 1)).all())


def test_other_words_at_the_same_picture_give_another_plan() -> None:
    module = build(small()).eval()
    clips = inputs(1, 1)
    other = Inputs(clips.pixels, clips.ego, clips.route, clips.words + 1)
    assert not torch.allclose(drive(module, clips)[0].plans, drive(module, other)[0].plans)


def test_words_that_are_not_there_change_nothing() -> None:
    module = build(small()).eval()
    clips = inputs(1, 1)
    padded = Inputs(clips.pixels, clips.ego, clips.route, torch.nn.functional.pad(clips.words, (0, 6)))
    torch.testing.assert_close(drive(module, clips)[0].plans, drive(module, padded)[0].plans)


def test_a_clip_without_a_past_is_as_a_first_frame() -> None:
    module = build(small(history=3)).eval()
    assert isinstance(module, Vla2)
    clips = inputs(1, 3)
    with torch.no_grad():
        blind = module.forward_clip(clips, torch.zeros(1, dtype=torch.long))
    first = module.step(one_frame(clips, 2), module.new_memory(1))[0]
    torch.testing.assert_close(blind.xy[2:], first.plans[..., :2])


def test_a_hidden_speed_hides_what_tells_it() -> None:
    module = build(small()).eval()
    assert isinstance(module, Vla2)
    slow, fast = inputs(1, 1, speed_mps=1.0), inputs(1, 1, speed_mps=9.0)
    hide = torch.tensor([True])
    with torch.no_grad():
        torch.testing.assert_close(module.forward_clip(slow, None, hide).raw, module.forward_clip(fast, None, hide).raw)
        assert not torch.allclose(module.forward_clip(slow).raw, module.forward_clip(fast).raw)
