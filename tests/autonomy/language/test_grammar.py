"""Instructions in English and what they mean; explanations and what they tell."""

import numpy as np
import pytest

from autonomy.language import (
    HELD_OUT,
    REFUSALS,
    SENTENCES,
    TRAIN,
    cause_of,
    chat,
    explain,
    instruction,
    meaning,
    phrases,
    vocabulary,
    words,
)
from autonomy.language.explanations import all_sentences
from autonomy.language.grammar import expand
from autonomy.world.observation import Cause
from autonomy.world.orders import UNSAFE, OrderKind


def test_a_pattern_gives_every_sentence_once() -> None:
    assert expand("[please] (go|drive [slowly]) on") == (
        "go on", "drive on", "drive slowly on", "please go on", "please drive on", "please drive slowly on",
    )  # fmt: skip


@pytest.mark.parametrize("pattern", ["go (on", "go on)", "[please go on)", "go on]"])
def test_a_pattern_with_brackets_that_do_not_match_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        expand(pattern)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Please pull over past the crossing.", OrderKind.PULL_OVER_PAST_CROSSING),
        ("Wait, then pass the truck on the left!", OrderKind.WAIT_THEN_PASS_LEFT),
        ("take the next right instead", OrderKind.TAKE_RIGHT),
        ("do not pass the truck yet, wait here", OrderKind.WAIT),
        ("Do not wait behind the truck, pass on the left", OrderKind.PASS_LEFT),
        ("ignore the pedestrian and drive on", OrderKind.IGNORE_PEDESTRIAN),
        ("the moon is made of cheese", None),
        ("thank you very much", None),
        ("", None),
    ],
)
def test_sentences_mean_orders_whatever_their_case_and_punctuation(text: str, kind: OrderKind | None) -> None:
    assert meaning(text) is kind


def test_every_sentence_means_one_order_and_belongs_to_one_split() -> None:
    everywhere: set[str] = set()
    for kind in [*OrderKind, None]:
        train, held = phrases(kind, TRAIN), phrases(kind, HELD_OUT)
        assert len(train) >= 20
        assert len(held) >= 5
        assert not everywhere & {*train, *held}
        assert not set(train) & set(held)
        everywhere |= {*train, *held}
        assert all(meaning(sentence) is kind for sentence in (*train, *held))


def test_held_out_sentences_bring_no_word_that_training_lacks() -> None:
    known = {word for kind in [*OrderKind, None] for sentence in phrases(kind, TRAIN) for word in words(sentence)}
    for kind in OrderKind:
        for sentence in phrases(kind, HELD_OUT):
            assert set(words(sentence)) <= known, sentence


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="split"):
        phrases(OrderKind.WAIT, "test")


def test_draws_depend_on_the_seed_alone() -> None:
    drawn = [[instruction(kind, np.random.default_rng(7), HELD_OUT) for kind in OrderKind] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert meaning(chat(np.random.default_rng(7))) is None


def test_each_cause_has_three_sentences_that_read_back_to_it() -> None:
    assert set(SENTENCES) == set(Cause)
    for cause, sentences in SENTENCES.items():
        assert [cause_of(sentence) for sentence in sentences] == [cause] * 3
    assert len(set(all_sentences())) == len(all_sentences())
    assert cause_of("driving: no reason") is None


def test_an_explanation_says_whether_the_car_drives_slows_or_stands() -> None:
    assert explain(Cause.PEDESTRIAN, speed_mps=0.0, accel_mps2=0.0) == "waiting: pedestrian ahead"
    assert explain(Cause.PEDESTRIAN, speed_mps=6.0, accel_mps2=-1.5) == "slowing: pedestrian ahead"
    assert explain(Cause.PEDESTRIAN, speed_mps=6.0, accel_mps2=0.0) == "driving: pedestrian near the lane"


def test_every_unsafe_order_has_its_refusal_and_every_word_is_in_the_vocabulary() -> None:
    assert set(REFUSALS) == UNSAFE
    assert {word for sentence in all_sentences() for word in words(sentence)} <= set(vocabulary())
    assert list(vocabulary()) == sorted(set(vocabulary()))
