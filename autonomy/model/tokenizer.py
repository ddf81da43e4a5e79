"""Words to numbers and back. Instructions and explanations share one vocabulary, which travels with the release."""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

PAD, BEGIN, END = 0, 1, 2
SPARE = 61  # numbers 3 to 63: words that the vocabulary lacks, by checksum, so that two strangers are seldom the same
FIRST_WORD = 3 + SPARE
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[,:;?!.]")


def words_of(text: str) -> list[str]:
    """Lower-case words and signs of punctuation."""
    return _WORD.findall(text.lower().replace("\u2019", "'"))


class Tokenizer:
    """Raises ValueError if there are more words than numbers, or one twice."""

    def __init__(self, words: Sequence[str], size: int = 512) -> None:
        if len(words) > size - FIRST_WORD:
            raise ValueError(f"words: {len(words)} do not fit a vocabulary of {size} (at most {size - FIRST_WORD})")
        if len(set(words)) != len(words):
            raise ValueError("words: one is there twice")
        self.words = tuple(words)
        self.size = size
        self._number = {word: FIRST_WORD + k for k, word in enumerate(words)}

    @classmethod
    def from_texts(cls, texts: Iterable[str], size: int = 512) -> "Tokenizer":
        """The most frequent words of these texts; equal counts in alphabetical order."""
        counts = Counter(word for text in texts for word in words_of(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(ranked[: size - FIRST_WORD], size)

    def number(self, word: str) -> int:
        known = self._number.get(word)
        return known if known is not None else 3 + zlib.crc32(word.encode()) % SPARE

    def instruction(self, text: str, length: int) -> list[int]:
        """BEGIN and the words, cut or filled with PAD to `length` numbers."""
        numbers = [BEGIN, *(self.number(word) for word in words_of(text))][:length]
        return numbers + [PAD] * (length - len(numbers))

    def said(self, text: str, length: int) -> list[int]:
        """Words and END, cut or filled with PAD to `length` numbers: what an explanation decoder must say."""
        numbers = [*(self.number(word) for word in words_of(text))][: length - 1]
        return [*numbers, END] + [PAD] * (length - 1 - len(numbers))

    def text(self, numbers: Iterable[int]) -> str:
        """Words up to END; no space before punctuation."""
        out: list[str] = []
        for number in numbers:
            if number == END:
                break
            if number >= FIRST_WORD and number - FIRST_WORD < len(self.words):
                out.append(self.words[number - FIRST_WORD])
        return re.sub(r" ([,:;?!.])", r"\1", " ".join(out))
