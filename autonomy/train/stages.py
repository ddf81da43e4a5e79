"""Scenarios to collect data in: several stages of one map at once, each followed by the next."""

from collections.abc import Sequence

import numpy as np

from autonomy.language import TRAIN
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import NoPlace, Scenario, Stage, all_scenarios, stage
from autonomy.train.seats import Seat
from autonomy.world import Action

LONGEST_S = 45.0  # what a scenario is about has happened by then


class ScenarioDrive:
    """`source`: "scenario"; a stage that is over, or has gone on for long, makes room for another type."""

    source = "scenario"

    def __init__(
        self, road_map: RoadMap, *, seed: int, cars: int, names: Sequence[str] | None = None, split: str = TRAIN
    ) -> None:
        self._map, self._split = road_map, split
        self._random = np.random.default_rng([seed, 31])
        self._seed = seed * 100  # one for a whole cycle of types: crossings beside junctions follow a world's seed
        self._types = [scenario for scenario in all_scenarios() if names is None or scenario.name in names]
        self._impossible: set[str] = set()
        self._queue: list[Scenario] = []
        self._renderer: Renderer | None = None
        self._stages: dict[str, Stage] = {}
        self._places = cars
        self._made = 0
        for _ in range(cars):
            self._replace()

    @property
    def seats(self) -> Sequence[Seat]:
        return [Seat(name, staged.world, staged.car_id) for name, staged in self._stages.items()]

    def note(self, actions: Sequence[Action]) -> None:
        """What is driven, by the seats' names: some scenarios end with a question or a refusal."""
        for action in actions:
            self._stages[action.car_id].note(action)

    def tick(self) -> Sequence[str]:
        """Ends and replaces; every stage has a name of its own, so no drive begins anew under an old one."""
        over = [name for name, staged in self._stages.items() if staged.done() or staged.passed_s > LONGEST_S]
        for name in over:
            del self._stages[name]
            self._replace()
        return ()

    def _replace(self) -> None:
        for _ in range(len(self._types)):
            kind = self._next_type()
            slugs = sorted(PLATFORMS)
            self._made += 1
            try:
                staged = stage(
                    kind,
                    self._map,
                    seed=self._seed,
                    platform=slugs[int(self._random.integers(len(slugs)))],
                    split=self._split,
                )
            except NoPlace:
                self._impossible.add(kind.name)
                continue
            if self._renderer is None:
                self._renderer = Renderer(self._map, seed=self._seed, side=staged.world.roadside)
            staged.world.attach_renderer(self._renderer.again())
            self._stages[f"{kind.name}-{self._made}"] = staged
            return
        raise ValueError("scenarios: the map has a place for none of them")

    def _next_type(self) -> Scenario:
        """All types in turn, in a new order each time."""
        if not self._queue:
            known = [scenario for scenario in self._types if scenario.name not in self._impossible]
            if not known:
                raise ValueError("scenarios: the map has a place for none of them")
            self._queue = [known[k] for k in self._random.permutation(len(known))]
            self._seed, self._renderer = self._seed + 1, None
        return self._queue.pop()
