"""What makes a car refuse a mission: the platform's word is checked against the car's own map and present errand."""

from itertools import pairwise
from math import isfinite
from typing import Protocol

import msgspec

from autonomy.agent.life import Life
from autonomy.link.messages import AssignMission, LegSpec

OFFSET_TOLERANCE_M = 5.0


class RoadFacts(Protocol):
    """The part of a road map that missions are checked against. Indexes are edge ids."""

    @property
    def digest(self) -> str: ...
    @property
    def edge_count(self) -> int: ...
    def ends(self, edge: int) -> tuple[int, int]:
        """Nodes where the edge begins and ends."""
        ...

    def length_m(self, edge: int) -> float: ...


class MissionRefused(Exception):
    """`code` is what the platform's record of the command will show."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def check_assignment(new: AssignMission, life: Life, roads: RoadFacts) -> AssignMission:
    """The mission as the car takes it, without stops that it has already left; raises `MissionRefused`.

    Codes: `map_mismatch`, `previous_mismatch`, `version_not_rising`, `cabin_occupied`, `held`, `no_stops`, `bad_stops`,
    `unknown_edge`, `leg_discontinuous`, `bad_speed_caps`, `stop_off_leg`.
    """
    if new.map_digest != roads.digest:
        raise MissionRefused("map_mismatch", f"planned on map {new.map_digest[:12]}, this car has {roads.digest[:12]}")
    _check_previous(new, life)
    new = _without_served(new, life)
    _check_stops(new)
    for leg in new.legs:
        _check_leg(leg, roads)
    for before, after in pairwise(new.legs):
        _check_joint(before, after, roads)
    return new


def _check_previous(new: AssignMission, life: Life) -> None:
    now = life.open_mission
    have = (now.mission_id, now.version) if now else (None, 0)
    # The platform may not have heard yet that the mission it replaces has just ended: a free car is free all the same.
    just_ended = now is None and new.previous_mission_id == life.ended_mission_id != new.mission_id
    if have != (new.previous_mission_id, new.previous_version) and not just_ended:
        raise MissionRefused(
            "previous_mismatch",
            f"replaces {new.previous_mission_id} v{new.previous_version}, the car has {have[0]} v{have[1]}",
        )
    if new.mission_id == have[0] and new.version <= have[1]:
        raise MissionRefused("version_not_rising", f"version {new.version} after {have[1]}")
    if life.occupied and new.mission_id != have[0]:
        raise MissionRefused("cabin_occupied", "the rider of another mission is inside")
    if now is None and life.halted:
        raise MissionRefused("held", f"the car stands: {life.halt_reason or life.fault or 'link lost'}")


def _without_served(new: AssignMission, life: Life) -> AssignMission:
    stop = life.stop
    now = life.open_mission
    if stop is None or now is None or now.mission_id != new.mission_id:
        return new
    return msgspec.structs.replace(
        new,
        stops=[planned for planned in new.stops if planned.stop_index >= stop.stop_index],
        legs=[leg for leg in new.legs if leg.stop_index >= stop.stop_index],
    )


def _check_stops(new: AssignMission) -> None:
    if not new.stops:
        raise MissionRefused("no_stops", "the mission has no stop left to serve")
    indexes = [stop.stop_index for stop in new.stops]
    if any(b != a + 1 for a, b in pairwise(indexes)):
        raise MissionRefused("bad_stops", f"stop indexes {indexes} do not rise by one")
    if [leg.stop_index for leg in new.legs] != indexes:
        raise MissionRefused("bad_stops", "there must be one leg for each stop, in the same order")
    for stop, leg in zip(new.stops, new.legs, strict=True):
        if stop.edge != leg.edges[-1] or abs(stop.offset_m - leg.end_offset_m) > OFFSET_TOLERANCE_M:
            raise MissionRefused("stop_off_leg", f"stop {stop.stop_index} is not where its leg ends")


def _check_leg(leg: LegSpec, roads: RoadFacts) -> None:
    where = f"leg to stop {leg.stop_index}"
    for edge in leg.edges:
        if edge >= roads.edge_count:
            raise MissionRefused("unknown_edge", f"{where}: edge {edge}, the map has {roads.edge_count}")
    for before, after in pairwise(leg.edges):
        if roads.ends(before)[1] != roads.ends(after)[0]:
            raise MissionRefused("leg_discontinuous", f"{where}: edge {after} does not begin where {before} ends")
    for edge, offset_m, name in (
        (leg.edges[0], leg.start_offset_m, "start_offset_m"),
        (leg.edges[-1], leg.end_offset_m, "end_offset_m"),
    ):
        if offset_m > roads.length_m(edge) + OFFSET_TOLERANCE_M:
            raise MissionRefused("leg_discontinuous", f"{where}: {name} {offset_m:.1f} is past the end of edge {edge}")
    if len(leg.edges) == 1 and leg.end_offset_m < leg.start_offset_m - OFFSET_TOLERANCE_M:
        raise MissionRefused("leg_discontinuous", f"{where}: it ends before it starts")
    _check_speed_caps(leg, where)


def _check_speed_caps(leg: LegSpec, where: str) -> None:
    """A cap that can't be understood must not be taken for none."""
    indexes = [index for index, _ in leg.speed_caps]
    if any(b <= a for a, b in pairwise(indexes)) or any(not 0 <= index < len(leg.edges) for index in indexes):
        raise MissionRefused("bad_speed_caps", f"{where}: indexes must rise within its {len(leg.edges)} edges")
    for index, cap_mps in leg.speed_caps:
        if not (isfinite(cap_mps) and cap_mps > 0):
            raise MissionRefused("bad_speed_caps", f"{where}: {cap_mps} m/s on edge {index} of the leg")


def _check_joint(before: LegSpec, after: LegSpec, roads: RoadFacts) -> None:
    """A leg begins where the one before it ended: at the same place, or at the node there."""
    last, first = before.edges[-1], after.edges[0]
    if last == first and abs(after.start_offset_m - before.end_offset_m) <= OFFSET_TOLERANCE_M:
        return
    at_node = before.end_offset_m >= roads.length_m(last) - OFFSET_TOLERANCE_M
    if at_node and after.start_offset_m <= OFFSET_TOLERANCE_M and roads.ends(last)[1] == roads.ends(first)[0]:
        return
    raise MissionRefused(
        "leg_discontinuous", f"the leg to stop {after.stop_index} does not begin where the one before it ends"
    )
