"""Scenarios: `load` or `all_scenarios` gives them as data, `stage` sets one up on a map for a car's driver to be tried.

staged = stage("jaywalker", road_map, seed=3, platform="g7")
while not staged.done():
    seen = staged.world.observe([staged.car_id])
    actions = policy.act(seen)
    staged.note(actions[0])
    staged.world.act(actions, {})
    staged.world.step(0.1)
print(staged.outcome)
"""

from autonomy.sim.staging.judge import Outcome
from autonomy.sim.staging.schema import Scenario, all_scenarios, load, parse
from autonomy.sim.staging.stage import EGO, NoPlace, Stage, stage

__all__ = ["EGO", "NoPlace", "Outcome", "Scenario", "Stage", "all_scenarios", "load", "parse", "stage"]
