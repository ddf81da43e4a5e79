"""Missions and senses to tell stories with: a street of ten edges of 100 m, edge k from node k to node k + 1."""

from collections.abc import Sequence

from autonomy.agent.cabin import Cabin
from autonomy.agent.life import Life, Senses, Step
from autonomy.agent.orders import Orders
from autonomy.agent.stages import Stages
from autonomy.link import messages as m

VEHICLE = "0199aaaa-0000-7000-8000-000000000001"


class Street:
    digest = "street"
    edge_count = 10

    def ends(self, edge: int) -> tuple[int, int]:
        return edge, edge + 1

    def length_m(self, edge: int) -> float:
        return 100.0


def stop(index: int, edge: int, kind: str = "waypoint", *, wait: bool = False, dwell_s: float = 0.0) -> m.StopSpec:
    return m.StopSpec(
        stop_index=index,
        kind=kind,  # type: ignore[arg-type]
        lon=8.0,
        lat=50.0,
        edge=edge,
        offset_m=50.0,
        wait_for_proceed=wait,
        dwell_s=dwell_s,
    )


def leg(index: int, edges: Sequence[int]) -> m.LegSpec:
    return m.LegSpec(
        stop_index=index,
        edges=list(edges),
        start_offset_m=50.0,
        end_offset_m=50.0,
        distance_m=100.0 * (len(edges) - 1),
        duration_s=10.0 * len(edges),
    )


def ride(mission_id: str = "m1", version: int = 1, previous: tuple[str | None, int] = (None, 0)) -> m.AssignMission:
    """From edge 0 to a pickup on edge 2 and a drop-off on edge 5."""
    return mission(
        [stop(0, 2, "pickup", wait=True), stop(1, 5, "dropoff")],
        [leg(0, [0, 1, 2]), leg(1, [2, 3, 4, 5])],
        mission_id=mission_id,
        version=version,
        previous=previous,
    )


def mission(
    stops: list[m.StopSpec],
    legs: list[m.LegSpec],
    *,
    mission_id: str = "m1",
    version: int = 1,
    previous: tuple[str | None, int] = (None, 0),
    purpose: str = "ride",
    map_digest: str = "street",
) -> m.AssignMission:
    return m.AssignMission(
        mission_id=mission_id,
        version=version,
        previous_mission_id=previous[0],
        previous_version=previous[1],
        purpose=purpose,
        map_digest=map_digest,
        odd_version=1,
        stops=stops,
        legs=legs,
    )


class Story:
    """A car's life told step by step; keeps every event."""

    def __init__(self) -> None:
        self.life = Life()
        self.events: list[m.EventBody] = []
        self.link_up = True
        self.standing = True
        self.at_kerb = True  # wherever it stands
        self._orders = Orders(Street(), Cabin(VEHICLE))
        self._stages = Stages(Cabin(VEHICLE))

    def told(self) -> list[m.EventBody]:
        """Events since the last look."""
        events, self.events = self.events, []
        return events

    def order(self, body: m.CommandBody, reason: str = "because") -> None:
        command = m.SignedCommand(
            vehicle_id=VEHICLE, seq=1, epoch=1, issued_at_ms=0, ttl_ms=1, issuer="user:1", reason=reason, body=body
        )
        self._take(self._orders.obey(self.life, command, self._senses(False, 0.0)))

    def passes(self, seconds: float, *, moving: bool | None = None, arrived: bool = False) -> None:
        """World time in steps of 0.2 s; `arrived` at its end."""
        if moving is not None:
            self.standing = not moving
        for _ in range(max(1, round(seconds / 0.2))):
            self._take(self._stages.advance(self.life, self._senses(False, 0.2)))
        if arrived:
            self.standing = True
            self._take(self._stages.advance(self.life, self._senses(True, 0.2)))

    def _senses(self, arrived: bool, dt_s: float) -> Senses:
        return Senses(standing=self.standing, at_kerb=self.at_kerb, arrived=arrived, link_up=self.link_up, dt_s=dt_s)

    def _take(self, step: Step) -> None:
        self.life = step.life
        self.events.extend(step.events)
