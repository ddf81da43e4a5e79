"""Traffic signals with fixed-time plans: two phases by the heading of the approaches, amber, all red."""

from dataclasses import dataclass

import numpy as np

from autonomy.sim.junctions import Junctions
from autonomy.sim.roads import RoadMap
from autonomy.world.observation import Signal

AMBER_S = 3.0
ALL_RED_S = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """phase_of: approach edge to phase; green_s: length of each phase's green; offset_s shifts the cycle."""

    phase_of: dict[int, int]
    green_s: tuple[float, ...]
    offset_s: float

    @property
    def cycle_s(self) -> float:
        return sum(self.green_s) + len(self.green_s) * (AMBER_S + ALL_RED_S)

    def colour(self, approach: int, time_s: float) -> Signal:
        """What the approach sees; an approach that the plan does not know sees none."""
        phase = self.phase_of.get(approach)
        if phase is None:
            return Signal.NONE
        at = (time_s + self.offset_s) % self.cycle_s
        for number, green_s in enumerate(self.green_s):
            if number == phase:
                if at < 0:
                    return Signal.RED
                return Signal.GREEN if at < green_s else Signal.AMBER if at < green_s + AMBER_S else Signal.RED
            at -= green_s + AMBER_S + ALL_RED_S
        return Signal.RED


def arrival_heading(road_map: RoadMap, edge: int) -> float:
    line = road_map.geometry(edge)
    step = line[-1] - line[max(0, len(line) - 3)]
    return float(np.arctan2(step[1], step[0]))


def plan_for(road_map: RoadMap, approaches: list[int], seed: int, node_id: int) -> Plan:
    """A plan drawn from the seed and the node's id: the phases' greens 18 to 32 s, a lone phase pauses for walkers."""
    random = np.random.default_rng([seed & 0xFFFFFFFF, node_id & 0xFFFFFFFF])
    main = min(approaches, key=lambda edge: (int(road_map.edge_class[edge]), edge))
    axis = arrival_heading(road_map, main)
    phase_of = {}
    for edge in approaches:
        away = abs(np.sin(arrival_heading(road_map, edge) - axis))
        phase_of[edge] = 0 if away < np.sin(np.pi / 4) else 1
    greens = [float(random.uniform(22, 32)), float(random.uniform(18, 26))]
    if 1 not in phase_of.values():
        greens = [float(random.uniform(30, 40)), 8.0]
    return Plan(phase_of, tuple(greens), float(random.uniform(0, 60)))


def plans(road_map: RoadMap, junctions: Junctions, seed: int) -> dict[int, Plan]:
    """Plan of every signalised junction that has approaches."""
    found = {}
    for junction in np.flatnonzero(junctions.signal).tolist():
        approaches = junctions.approaches[junction]
        if approaches:
            node_id = int(road_map.node_osm_id[junctions.first_node[junction]])
            found[junction] = plan_for(road_map, approaches, seed, node_id)
    return found
