"""A real agent with one car in a real world, without a network: the test says when the link is there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autonomy.agent.car import Car
from autonomy.agent.config import load_cars
from autonomy.agent.driver import Learned
from autonomy.agent.loop import STEP_S, Agent, AgentSettings
from autonomy.agent.map_facts import MapFacts
from autonomy.agent.recording import Recorder
from autonomy.link import messages as m
from autonomy.link.client import LinkClient
from autonomy.link.signing import public_text, write_new_key
from autonomy.policy.base import Policy
from autonomy.policy.rules import RulesPolicy
from autonomy.safety.layer import Safety
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world.base import CarState
from tests.autonomy.agent.town import LAT0, LON0, write_town
from tests.autonomy.link.keys import FLEET_KEY, VEHICLE


class Crew:
    """The car stands at the kerb of edge 0, the southern street of the town, until it is sent somewhere."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        write_town(folder / "town.npz")
        self._folder = folder
        self.add_car(VEHICLE, LON0 + 0.0008)
        self.link_up = True
        patch.setattr(LinkClient, "up", lambda _: self.link_up)
        self.start()

    def add_car(self, vehicle_id: str, lon: float, lat: float = LAT0) -> None:
        """A car's folder, for the next start."""
        car = self._folder / "cars" / vehicle_id
        car.mkdir(parents=True)
        write_new_key(car / "key.pem")
        about = {"vehicle_id": vehicle_id, "platform": "p7", "fleet_key": public_text(FLEET_KEY), "seats": 4}
        (car / "car.json").write_text(json.dumps({**about, "start": [lon, lat]}))

    def start(
        self,
        policy: Policy | None = None,
        *,
        learned: Learned | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """As after a restart of the process, with another policy if one is given."""
        road_map = RoadMap.load(self._folder / "town.npz")
        self.world, self.safety = World(road_map, seed=0), Safety()
        settings = AgentSettings(url="ws://127.0.0.1:1/")
        configs = load_cars(self._folder / "cars")
        facts, driver = MapFacts(road_map), policy or RulesPolicy()
        self.agent = Agent(
            settings,
            configs,
            self.world,
            roads=facts,
            policy=driver,
            safety=self.safety,
            learned=learned,
            recorder=recorder,
        )
        self.car = self.agent.cars[0]

    def stop(self) -> None:
        for car in self.agent.cars:
            car.close()

    @property
    def state(self) -> CarState:
        return self.world.state(VEHICLE)

    @property
    def told(self) -> list[m.EventBody]:
        """All events of the car, oldest first; nothing acknowledges them here."""
        return [event.body for event in self.car.journal.events_after(0, 10_000)]

    @property
    def modes(self) -> list[tuple[str, str]]:
        return [(event.drive_mode, event.reason) for event in self.told if isinstance(event, m.DriveModeChanged)]

    def order(self, body: m.CommandBody, car: Car | None = None) -> m.CommandAck:
        car = car or self.car
        seq = car.journal.downlink_seq + 1
        return car.obey(
            m.SignedCommand(
                vehicle_id=car.vehicle_id,
                seq=seq,
                epoch=1,
                issued_at_ms=0,
                ttl_ms=1,
                issuer="t",
                reason="test",
                body=body,
            )
        )

    def drive(self, seconds: float, until: Callable[[], bool] = lambda: False) -> float:
        """World time passes, at most so much; the seconds that it took until `until` held."""
        for step in range(round(seconds / STEP_S)):
            if until():
                return step * STEP_S
            self.agent.advance()
        return seconds


def errand(edges: list[int], end_m: float, *, caps: list[tuple[int, float]] | None = None) -> m.AssignMission:
    """One stop at the end of `edges`, where nobody waits."""
    there = m.StopSpec(stop_index=0, kind="park", lon=LON0, lat=LAT0, edge=edges[-1], offset_m=end_m)
    leg = m.LegSpec(
        stop_index=0,
        edges=edges,
        start_offset_m=57.0,
        end_offset_m=end_m,
        distance_m=100.0,
        duration_s=30.0,
        speed_caps=caps or [],
    )
    return m.AssignMission(
        mission_id="m1",
        version=1,
        previous_mission_id=None,
        previous_version=0,
        purpose="reposition",
        map_digest="town",
        odd_version=1,
        stops=[there],
        legs=[leg],
    )
