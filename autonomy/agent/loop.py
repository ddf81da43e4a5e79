"""The loop of the process: move the world on, let each car live, tell the platform, keep the journals."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from autonomy.agent.car import BACKSTOP_S, Car
from autonomy.agent.config import CarConfig
from autonomy.agent.driver import Driver, Learned
from autonomy.agent.map_facts import MapFacts
from autonomy.agent.odd_watch import OddWatch
from autonomy.agent.pace import Pace
from autonomy.agent.recording import Recorder
from autonomy.agent.showing import Showing, Stage
from autonomy.link.client import LinkClient
from autonomy.link.guard import CommandGuard
from autonomy.link.messages import OddReport
from autonomy.link.session import CarIdentity
from autonomy.link.signing import new_boot_id
from autonomy.policy.base import Policy
from autonomy.safety.doubt import Doubt, DoubtBounds
from autonomy.safety.layer import Question, Safety
from autonomy.safety.modes import Mode
from autonomy.safety.odd import OddStatus
from autonomy.world.base import CarWorld

log = logging.getLogger("hansom.agent")

STEP_S = 0.1  # world time of one step
LIFE_EVERY = 2  # world steps between two looks at each car's errand
BEAT_S = 0.05  # wall time between two looks at what is due
TELEMETRY_S = 0.5  # wall time between two samples of one car
CHECKPOINT_S = 1.0
REPORT_S = 30.0
ODD_REPORTS: dict[OddStatus, OddReport] = {
    OddStatus.INSIDE: "inside",
    OddStatus.NEAR_EDGE: "near_edge",
    OddStatus.UNKNOWN: "unknown",
    OddStatus.OUTSIDE: "outside",
}
METRICS_S = 10.0


@dataclass(frozen=True)
class AgentSettings:
    """`metrics`: where Prometheus' text is written every METRICS_S, for a text-file collector."""

    url: str
    time_factor: float = 1.0
    metrics: Path | None = None
    software: str = "hansom-agent/0.1"


@dataclass
class Seat:
    """A car and its link, with the times of its next duties."""

    car: Car
    link: LinkClient
    telemetry_due_s: float
    checkpoint_due_s: float


class Agent:
    """Many cars in one world, each with its own identity, journal and link."""

    def __init__(
        self,
        settings: AgentSettings,
        configs: Sequence[CarConfig],
        world: CarWorld,
        *,
        roads: MapFacts,
        policy: Policy,
        safety: Safety,
        learned: Learned | None = None,
        recorder: Recorder | None = None,
        odd: OddWatch | None = None,
    ) -> None:
        """`policy` drives the cars that no release of `learned` drives; without `odd` no car knows where its domain
        ends. Raises `BadJournal` and ValueError (a start place that the map lacks)."""
        self._settings = settings
        self._world = world
        boot_id, now_s = new_boot_id(), time.monotonic()
        self._seats: list[Seat] = []
        stages: list[Stage] = []
        for index, config in enumerate(configs):
            # Spread over the interval, so that neither the platform nor the disk gets all cars in one instant.
            part = index / len(configs)
            car = Car(config, world, roads)
            post = learned.posts.get(config.vehicle_id) if learned else None
            release = post.policy if post and post.learned else None
            link = self._link(config, car, f"{release or policy.name} {settings.software}", boot_id)
            car.on_events = link.pump
            stages.append(
                Stage(config.vehicle_id, config.file.platform, release or policy.name.partition("/")[0], link)
            )
            self._seats.append(Seat(car, link, now_s + part * TELEMETRY_S, now_s + part * CHECKPOINT_S))
        self._by_id = {seat.car.vehicle_id: seat.car for seat in self._seats}
        self._safety = safety
        self._odd = odd
        self._doubts: dict[str, Question] = {}
        self._steps = 0
        car_ids = [config.vehicle_id for config in configs]
        self._driver = Driver(world, policy, safety, car_ids, learned=learned, recorder=recorder)
        self._learned = learned
        if learned is not None:
            for car_id in car_ids:
                safety.calibrate(car_id, DoubtBounds.from_calibration(learned.host.calibration_of(car_id)))
        self._showing = Showing(stages, self._driver, safety, learned)

    @property
    def cars(self) -> list[Car]:
        return [seat.car for seat in self._seats]

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then journals are written and links closed. Raises what broke, if something did."""
        log.info("%d cars, map %s, time factor %g", len(self._seats), self._world.map_digest[:12], self._factor)
        tasks = [asyncio.create_task(seat.link.run()) for seat in self._seats]
        driving = asyncio.create_task(self._drive())
        stopping = asyncio.create_task(stop.wait())
        waiting = {*tasks, driving, stopping}
        try:
            while stopping in waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (*tasks, driving, stopping):
                task.cancel()
            await asyncio.gather(*tasks, driving, stopping, return_exceptions=True)
            for seat in self._seats:
                seat.car.close()
            self._showing.close()
            if self._learned is not None:
                self._learned.host.close()
            log.info("stopped; %d journals written", len(self._seats))

    def advance(self) -> None:
        """One step of world time; at every second one each car also looks after its errand."""
        self._driver.step(STEP_S)
        self._steps += 1
        if self._steps % LIFE_EVERY == 0:
            self._live(STEP_S * LIFE_EVERY)

    @property
    def _factor(self) -> float:
        return self._settings.time_factor

    def _link(self, config: CarConfig, car: Car, software: str, boot_id: str) -> LinkClient:
        identity = CarIdentity(
            vehicle_id=config.vehicle_id,
            key=config.key,
            fleet_key=config.fleet_key,
            boot_id=boot_id,
            platform=config.file.platform,
            software=software,
            map_digest=self._world.map_digest,
        )
        return LinkClient(
            url=self._settings.url,
            identity=identity,
            outbox=car.journal,
            guard=CommandGuard(config.vehicle_id, config.fleet_key, car.journal.downlink_seq),
            handler=car,
            random=SystemRandom(),
        )

    async def _drive(self) -> None:
        pace = Pace(step_s=STEP_S, factor=self._factor, now_s=time.monotonic())
        report_due_s, metrics_due_s, dropped_s = time.monotonic() + REPORT_S, 0.0, 0.0
        post = asyncio.get_running_loop().call_soon_threadsafe
        while True:
            for _ in range(pace.due(time.monotonic())):
                self.advance()
                await asyncio.sleep(0)  # the links get their turn between steps
            now_s = time.monotonic()
            self._duties(now_s)
            self._showing.look(now_s, post)
            if now_s >= metrics_due_s:
                self._write_metrics(pace.dropped_s)
                metrics_due_s = now_s + METRICS_S
            if now_s >= report_due_s:
                self._report(pace.dropped_s - dropped_s)
                report_due_s, dropped_s = now_s + REPORT_S, pace.dropped_s
            await asyncio.sleep(BEAT_S)

    def _live(self, dt_s: float) -> None:
        self._doubts |= {asked.car_id: asked for asked in self._safety.questions()}
        for change in self._safety.changes():
            self._by_id[change.car_id].safety_changed(change.mode, change.reason)
        odd = self._odd
        if odd is not None and odd.refresh():
            self._safety.set_conditions(odd.conditions)
        for seat in self._seats:
            car = seat.car
            sight = None if odd is None else odd.sight(*car.way)
            # The monitor is the backstop of the executor's own stop: it comes into play when that one did not work.
            self._safety.report(
                car.vehicle_id,
                silent_s=max(0.0, car.life.blind_s - BACKSTOP_S),
                must_stop=car.must_stop,
                odd=sight,
            )
            car.odd_status = ODD_REPORTS[self._safety.odd_status(car.vehicle_id)]
            car.wonder(*self._question(car.vehicle_id), dt_s)
            car.tick(dt_s, link_up=seat.link.up(), monitor=self._safety.directive(car.vehicle_id))
            if self._safety.mode(car.vehicle_id) is Mode.MRC_REACHED and not car.life.halted:
                self._safety.release(car.vehicle_id, self._world.time_s)

    def _question(self, car_id: str) -> tuple[str | None, str]:
        """What the car's driver asks, or the safety layer about its driver; and why."""
        latest = self._driver.latest.get(car_id)
        if latest is not None and latest.action is not None and latest.action.help:
            return latest.action.help, latest.action.cause or "driver"
        if self._safety.finding(car_id).doubt < Doubt.ASK:
            self._doubts.pop(car_id, None)
        asked = self._doubts.get(car_id)
        return (asked.text, asked.reason) if asked else (None, "")

    def _duties(self, now_s: float) -> None:
        for seat in self._seats:
            if now_s >= seat.telemetry_due_s:
                seat.link.send_telemetry(seat.car.telemetry())
                seat.telemetry_due_s = max(seat.telemetry_due_s + TELEMETRY_S, now_s)
            if now_s >= seat.checkpoint_due_s:
                seat.car.checkpoint()
                seat.checkpoint_due_s = max(seat.checkpoint_due_s + CHECKPOINT_S, now_s)

    def _write_metrics(self, dropped_s: float) -> None:
        if self._learned is not None:
            self._showing.differs(self._learned.host.disagreements())
        if self._settings.metrics is None:
            return
        text = self._learned.host.report() if self._learned is not None else ""
        text += "# HELP hansom_world_dropped_seconds_total World time that this machine was too slow for.\n"
        text += f"# TYPE hansom_world_dropped_seconds_total counter\nhansom_world_dropped_seconds_total {dropped_s:g}\n"
        beside = self._settings.metrics.with_suffix(".new")
        try:
            beside.write_text(text)
            beside.replace(self._settings.metrics)  # a collector never reads half a file
        except OSError as error:
            log.warning("no metrics: %s", error)

    def _report(self, dropped_s: float) -> None:
        links = sum(seat.link.up() for seat in self._seats)
        busy = sum(seat.car.life.open_mission is not None for seat in self._seats)
        log.info("%d of %d links up, %d cars on a mission", links, len(self._seats), busy)
        if dropped_s > 1.0:
            log.warning("this machine is too slow: %.0f s of world time were dropped in %.0f s", dropped_s, REPORT_S)
