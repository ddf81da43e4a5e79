"""How well cars drive: events with their blame, PDMS, intervals, language; read from the world, no torch."""

from autonomy.scoring.drive import DriveScore
from autonomy.scoring.intervals import Figure, mean, poisson_rate, wilson
from autonomy.scoring.language import Obedience, judge_obedience
from autonomy.scoring.scorer import Scorer
from autonomy.scoring.summary import summary

__all__ = [
    "DriveScore",
    "Figure",
    "Obedience",
    "Scorer",
    "judge_obedience",
    "mean",
    "poisson_rate",
    "summary",
    "wilson",
]
