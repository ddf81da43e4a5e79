"""How the expert judges a situation: duties towards others, room beside the lane, sight, orders, and its reasons."""

from autonomy.policy.expert.judgement import Judgement
from autonomy.policy.expert.judging import judge
from autonomy.policy.expert.manner import FAR_M, Manner

__all__ = ["FAR_M", "Judgement", "Manner", "judge"]
