"""One car: its life, its place in the world and its journal, moved together."""

import logging
import time
from collections.abc import Callable, Sequence

import msgspec

from autonomy.agent.asking import Asking
from autonomy.agent.cabin import Cabin
from autonomy.agent.config import CarConfig
from autonomy.agent.life import Life, Senses, Step, reported_state
from autonomy.agent.map_facts import MapFacts
from autonomy.agent.orders import CommandRefused, Orders
from autonomy.agent.stages import Stages, break_down, monitored
from autonomy.language import meaning
from autonomy.link.journal import Journal
from autonomy.link.messages import AssignMission, CommandAck, LegSpec, OddReport, SignedCommand, Telemetry
from autonomy.link.session import CarReport
from autonomy.safety.modes import Mode
from autonomy.world.base import CarState, CarWorld
from autonomy.world.observation import Directive
from autonomy.world.orders import Order
from autonomy.world.place import RoadPosition

log = logging.getLogger("hansom.car")

STANDING_MPS = 0.1
START_WITHIN_M = 60.0
EMPTY_PCT = 1.0
# World time of driving that the executor has for its stop before the safety monitor makes its own: at a kerb (a tunnel
# has none), and in the lane.
BACKSTOP_S = 120.0
HOLD_S = 20.0
CHARGE_KW = 75.0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the car stood, as the journal keeps it."""

    map_digest: str
    lon: float
    lat: float
    edge: int
    offset_m: float
    remaining_m: float
    at_kerb: bool
    soc_pct: float
    odometer_m: float


_life = msgspec.json.Decoder(Life)
_place = msgspec.json.Decoder(Place)
_encode = msgspec.json.Encoder().encode


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Car:
    """Implements `client.CommandHandler`. `on_events` is called after events were written, to send them."""

    def __init__(
        self,
        config: CarConfig,
        world: CarWorld,
        roads: MapFacts,
        *,
        now_ms: Callable[[], int] = unix_ms,
        on_events: Callable[[], None] = lambda: None,
    ) -> None:
        """Opens the journal and puts the car into the world where it was; raises `BadJournal`, ValueError."""
        self.vehicle_id = config.vehicle_id
        self.odd_status: OddReport = "unknown"
        self.on_events = on_events
        self._world = world
        self._roads = roads
        self._now_ms = now_ms
        self._stages = Stages(Cabin(self.vehicle_id))
        self._orders = Orders(roads, Cabin(self.vehicle_id))
        self._path: tuple[str, int, int] | None = None
        self._directive = Directive.DRIVE
        self._monitor: Directive | None = None
        self._rolling_s = 0.0
        self._parking = False
        self._charging = False
        self._instruction = ""
        self._asking = Asking()
        self.journal = Journal(config.journal_path, self.vehicle_id)
        stored = self.journal.part("life")
        self.life = _life.decode(stored) if stored else Life()
        self._enter_world(config)

    # --- the loop's side

    def tick(self, dt_s: float, *, link_up: bool, monitor: Directive | None = None) -> None:
        """Moves the car's life on by `dt_s` of world time. `monitor`: what the safety monitor asks the world for."""
        state = self._world.state(self.vehicle_id)
        self._monitor = monitor
        rolls = abs(state.speed_mps) >= STANDING_MPS
        stops = self.life.halt != "none" or bool(self.life.fault)
        self._rolling_s = self._rolling_s + dt_s if rolls and stops else 0.0
        # A manoeuvre that has begun ends at a stand; only then does the car go on because its link is back.
        link_up = link_up and not (monitor is not None and self.life.link_stop and not self.life.told_held)
        step = self._stages.advance(self.life, self._senses(state, dt_s, link_up))
        if state.soc_pct <= EMPTY_PCT and not step.life.fault:
            broken = break_down(step.life, "battery_empty", f"{state.soc_pct:.1f} % left", drivable=False)
            step = Step(life=broken.life, events=(*step.events, *broken.events))
        self._take(step)
        self._steer()

    @property
    def must_stop(self) -> str | None:
        """Why the safety monitor must stop the car: it has to stand, and has driven on for too long all the same."""
        limit_s = HOLD_S if self.life.directive is Directive.HOLD else BACKSTOP_S
        return "stop_not_obeyed" if self._rolling_s > limit_s else None

    def safety_changed(self, mode: Mode, reason: str) -> None:
        """The safety monitor of this car has changed its mode."""
        log.warning("%s: safety monitor: %s (%s)", self.vehicle_id, mode.value, reason)
        self._take(monitored(self.life, mode, reason))
        self._steer()

    def wonder(self, question: str | None, reason: str, dt_s: float) -> None:
        """What the car's driver would ask a person now, if anything."""
        self._take(self._asking.advance(self.life, question, reason, dt_s))

    @property
    def way(self) -> tuple[int, float, Sequence[int]]:
        """The edge that the car is on, how far along it, and the edges after it as far as it knows."""
        state, leg = self._world.state(self.vehicle_id), self.life.leg
        rest = None
        if leg is not None:
            rest = self._roads.rest_of_leg(leg.edges, leg.end_offset_m, state.edge, state.path_remaining_m)
        return state.edge, state.offset_m, rest[1:] if rest else ()

    def telemetry(self) -> Telemetry:
        """What is true of the car now."""
        state, life = self._world.state(self.vehicle_id), self.life
        mission, stop = life.open_mission, life.stop
        driving = life.leg is not None
        return Telemetry(
            ts_ms=self._now_ms(),
            lon=state.lon,
            lat=state.lat,
            heading_deg=state.heading_deg % 360.0,
            speed_mps=round(state.speed_mps, 3),
            accel_mps2=round(max(-30.0, min(30.0, state.accel_mps2)), 3),
            soc_pct=round(state.soc_pct, 2),
            odometer_m=round(state.odometer_m, 1),
            drive_mode=life.drive_mode,
            odd_status=self.odd_status,
            doors_open=life.doors_open,
            occupied=life.occupied,
            hazard_lights=life.drive_mode in ("MRM_OPERATING", "MRC_REACHED"),
            mission_id=mission.mission_id if mission else None,
            mission_version=mission.version if mission else 0,
            stop_index=stop.stop_index if stop and mission else 0,
            remaining_m=round(state.path_remaining_m, 1) if driving else 0.0,
            remaining_s=round(min(1e6, state.path_remaining_s), 1) if driving else 0.0,
            edge=state.edge,
            offset_m=round(max(0.0, state.offset_m), 2),
        )

    def checkpoint(self) -> None:
        """Writes position and timers down, so that a killed process loses a second of driving and nothing else."""
        self.journal.checkpoint(self._parts(self.life))

    def close(self) -> None:
        self.checkpoint()
        self.journal.close()

    # --- the link's side

    def report(self) -> CarReport:
        mission = self.life.open_mission
        return CarReport(
            reported_state=reported_state(self.life),
            mission_id=mission.mission_id if mission else None,
            mission_version=mission.version if mission else 0,
        )

    def obey(self, command: SignedCommand) -> CommandAck:
        """Effect and outcome are in the journal when this returns."""
        what = type(command.body).__name__
        senses = self._senses(self._world.state(self.vehicle_id), 0.0, link_up=True)
        try:
            step = self._orders.obey(self.life, command, senses)
            if isinstance(command.body, AssignMission):
                self._set_off(step.life)
        except CommandRefused as refused:
            log.warning("%s: refused %s %d: %s (%s)", self.vehicle_id, what, command.seq, refused.code, refused.detail)
            ack = CommandAck(seq=command.seq, outcome="refused", code=refused.code, detail=refused.detail[:200])
            self.journal.settle(ack)
            return ack
        log.info("%s: obeys %s %d by %s: %s", self.vehicle_id, what, command.seq, command.issuer, command.reason)
        ack = CommandAck(seq=command.seq, outcome="accepted")
        self._take(step, ack)
        self._steer()
        return ack

    # --- inside

    def _senses(self, state: CarState, dt_s: float, link_up: bool) -> Senses:
        standing = abs(state.speed_mps) < STANDING_MPS
        arrived = state.at_path_end and self._path is not None and self._path == _path_key(self.life)
        return Senses(standing=standing, at_kerb=state.at_kerb, arrived=arrived, link_up=link_up, dt_s=dt_s)

    def _take(self, step: Step, ack: CommandAck | None = None) -> None:
        """Makes a step durable before anything outside can see it."""
        if step.events or ack is not None or step.life.phase != self.life.phase:
            self.journal.commit(parts=self._parts(step.life), events=step.events, at_ms=self._now_ms(), ack=ack)
        self.life = step.life
        for event in step.events:
            log.info("%s: %s", self.vehicle_id, _in_words(event))
        if step.events:
            self.on_events()

    def _parts(self, life: Life) -> dict[str, bytes]:
        state = self._world.state(self.vehicle_id)
        place = Place(
            map_digest=self._roads.digest,
            lon=state.lon,
            lat=state.lat,
            edge=state.edge,
            offset_m=state.offset_m,
            remaining_m=state.path_remaining_m,
            at_kerb=state.at_kerb,
            soc_pct=state.soc_pct,
            odometer_m=state.odometer_m,
        )
        return {"life": _encode(life), "place": _encode(place)}

    def _steer(self) -> None:
        """Brings the driver's errand and orders into line with the life."""
        wanted = _path_key(self.life)
        if wanted is not None and wanted != self._path:
            self._drive_leg(wanted)
        elif self.life.phase in ("idle", "ending") and self._path is not None:
            self._path, self._parking = None, True
        if self._parking:
            self._park()
        directive = self._monitor or self.life.directive
        if directive is Directive.DRIVE and self._parking:
            directive = Directive.PULL_OVER
        if self._directive is not directive:
            self._directive = directive
            self._world.set_directive(self.vehicle_id, directive)
        if self.life.instruction != self._instruction:
            self._instruct(self.life.instruction)
        if self.life.charging != self._charging:
            self._charging = self.life.charging
            self._world.set_charging(self.vehicle_id, CHARGE_KW if self._charging else 0.0)

    def _instruct(self, text: str) -> None:
        """Pass a person's words on to the driver, with what they mean for the policy by rules."""
        self._instruction = text
        kind = meaning(text) if text else None
        order = Order(kind, given_s=self._world.time_s) if kind is not None else None
        self._world.instruct(self.vehicle_id, text, order)

    def _park(self) -> None:
        """Without an errand to the kerb. The world forgets the errand when the car is there, not at a red light."""
        state = self._world.state(self.vehicle_id)
        if state.at_kerb and abs(state.speed_mps) < STANDING_MPS:
            self._world.clear_path(self.vehicle_id)
            self._parking = False

    def _drive_leg(self, key: tuple[str, int, int]) -> None:
        leg = self.life.leg
        assert leg is not None
        try:
            self._set_path(leg, leg.edges, leg.start_offset_m)
        except ValueError as error:
            # Checked when the mission was taken, so the world has changed since. Better to stand than to guess.
            self._take(break_down(self.life, "leg_refused", str(error), drivable=True))
        self._path = key

    def _set_off(self, life: Life) -> None:
        """Tries the first leg of a new mission on the world; raises `CommandRefused` (`not_at_start`)."""
        leg = life.leg
        if leg is None:
            return
        state = self._world.state(self.vehicle_id)
        first = self._roads.distance_m(state.lon, state.lat, leg.edges[0], leg.start_offset_m)
        if first > START_WITHIN_M and not self._on_the_way(state, leg):
            raise CommandRefused("not_at_start", f"the first leg begins {first:.0f} m from the car")
        try:
            self._set_path(leg, leg.edges, leg.start_offset_m)
        except ValueError as error:
            raise CommandRefused("not_at_start", str(error)) from error
        self._path = _path_key(life)

    def _on_the_way(self, state: CarState, leg: LegSpec) -> bool:
        """The car may have driven on while the mission was made."""
        return state.edge in leg.edges[:12]

    def _set_path(self, leg: LegSpec, edges: list[int], start_offset_m: float) -> None:
        """Drive the leg, or what is left of it: `edges`."""
        caps = {leg.edges[index]: cap_mps for index, cap_mps in leg.speed_caps}
        self._world.set_mission_path(self.vehicle_id, edges, start_offset_m, leg.end_offset_m, speed_caps_mps=caps)
        self._parking = False

    # --- after a restart

    def _enter_world(self, config: CarConfig) -> None:
        stored = self.journal.part("place")
        place = _place.decode(stored) if stored else None
        if place is None:
            start = self._world.nearest_position(*config.file.start)
            self._world.add_car(self.vehicle_id, config.file.platform, start, soc_pct=config.file.soc_pct)
            return
        same_map = place.map_digest == self._roads.digest
        position = (
            RoadPosition(edge=place.edge, offset_m=place.offset_m)
            if same_map
            else self._world.nearest_position(place.lon, place.lat)
        )
        self._world.add_car(
            self.vehicle_id,
            config.file.platform,
            position,
            at_kerb=place.at_kerb or self.life.leg is None,  # the last metres of parking are not worth a road block
            soc_pct=place.soc_pct,
            odometer_m=place.odometer_m,
        )
        log.info("%s: goes on from its journal: %s", self.vehicle_id, self._errand_in_words())
        self._resume_leg(place, same_map)
        self._steer()

    def _resume_leg(self, place: Place, same_map: bool) -> None:
        leg, key = self.life.leg, _path_key(self.life)
        if leg is None or key is None:
            return
        if not same_map:
            self._take(break_down(self.life, "map_changed", "the mission was planned on another map", drivable=True))
            self._path = key
            return
        rest = self._roads.rest_of_leg(leg.edges, leg.end_offset_m, place.edge, place.remaining_m)
        try:
            self._set_path(leg, rest or leg.edges, place.offset_m if rest else leg.start_offset_m)
        except ValueError as error:
            self._take(break_down(self.life, "off_route", str(error), drivable=True))
        self._path = key

    def _errand_in_words(self) -> str:
        mission, stop = self.life.open_mission, self.life.stop
        if mission is None or stop is None:
            return self.life.phase
        return f"{self.life.phase}, mission {mission.mission_id} v{mission.version}, stop {stop.stop_index}"


def _path_key(life: Life) -> tuple[str, int, int] | None:
    return (life.mission.mission_id, life.mission.version, life.stop_at) if life.leg and life.mission else None


def _in_words(event: object) -> str:
    fields = msgspec.structs.asdict(event)  # type: ignore[arg-type]
    return f"{type(event).__name__} " + " ".join(f"{name}={value}" for name, value in fields.items())
