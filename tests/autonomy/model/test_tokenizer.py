"""Words to numbers and back."""

import pytest

from autonomy.model.features import SAID, WORDS, default_tokenizer
from autonomy.model.tokenizer import BEGIN, END, FIRST_WORD, PAD, Tokenizer


def test_an_instruction_begins_with_begin_and_is_filled_or_cut() -> None:
    tokens = Tokenizer(["left", "pass"])
    assert tokens.instruction("Pass LEFT", 5) == [BEGIN, FIRST_WORD + 1, FIRST_WORD, PAD, PAD]
    assert tokens.instruction("pass left", 2) == [BEGIN, FIRST_WORD + 1]
    assert tokens.instruction("", 2) == [BEGIN, PAD]


def test_an_explanation_ends_with_end_and_comes_back() -> None:
    tokens = Tokenizer(["waiting", ":", "red", "light"])
    numbers = tokens.said("Waiting: red light", 7)
    assert numbers == [FIRST_WORD, FIRST_WORD + 1, FIRST_WORD + 2, FIRST_WORD + 3, END, PAD, PAD]
    assert tokens.text(numbers) == "waiting: red light"


def test_a_stranger_gets_a_spare_number_always_the_same() -> None:
    tokens = Tokenizer(["left"])
    number = tokens.number("hippopotamus")
    assert number == tokens.number("hippopotamus")
    assert 3 <= number < FIRST_WORD


def test_too_many_words_and_words_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit a vocabulary of 66"):
        Tokenizer(["a", "b", "c"], 66)
    with pytest.raises(ValueError, match="twice"):
        Tokenizer(["a", "a"])


def test_the_language_fits() -> None:
    from autonomy.language import HELD_OUT, REFUSALS, SENTENCES, TRAIN, phrases, words
    from autonomy.world.orders import OrderKind

    tokens = default_tokenizer()
    for kind in (*OrderKind, None):
        for split in (TRAIN, HELD_OUT):
            for phrase in phrases(kind, split):
                assert len(words(phrase)) < WORDS
    for sentence in [*(one for three in SENTENCES.values() for one in three), *REFUSALS.values()]:
        assert tokens.text(tokens.said(sentence, SAID)) == sentence
