"""The English between people and the driver: instructions in, explanations out. Plain data and text, no torch."""

from autonomy.language.explanations import CAUSES, QUESTIONS, REFUSALS, SENTENCES, cause_of, explain
from autonomy.language.grammar import HELD_OUT, TRAIN, chat, instruction, meaning, phrases
from autonomy.language.words import vocabulary, words

__all__ = [
    "CAUSES",
    "HELD_OUT",
    "QUESTIONS",
    "REFUSALS",
    "SENTENCES",
    "TRAIN",
    "cause_of",
    "chat",
    "explain",
    "instruction",
    "meaning",
    "phrases",
    "vocabulary",
    "words",
]
