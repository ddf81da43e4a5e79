"""The teacher of the learned driver: the driver by rules, asked for what it would do in any observation at all."""

from autonomy.policy.rules import RulesPolicy


class Teacher(RulesPolicy):
    """A pure function of the observation, so that it may be asked about situations that another driver got into, and
    about the same pictures with another order."""

    @property
    def name(self) -> str:
        return "teacher/1"
