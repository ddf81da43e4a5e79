"""The car's side of one connection with the platform."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from autonomy.link.codec import BadFrame, decode_down, encode
from autonomy.link.driver_view import DriverView, encode_view
from autonomy.link.guard import CommandGuard, Refused
from autonomy.link.messages import (
    PROTOCOL,
    Challenge,
    Command,
    CommandAck,
    DriverReport,
    Event,
    EventAck,
    Frame,
    Heartbeat,
    Hello,
    Reject,
    SignedCommand,
    Telemetry,
    TelemetryBatch,
    Watch,
    Welcome,
)
from autonomy.link.session.parts import Ended, Phase, Pulse, SessionLimits
from autonomy.link.signing import (
    BadSignature,
    hello_bytes,
    new_nonce,
    sign,
    verify,
    watch_bytes,
    welcome_bytes,
)

MAX_WATCH_S = 60.0


@dataclass(frozen=True)
class CarIdentity:
    vehicle_id: str
    key: Ed25519PrivateKey
    fleet_key: Ed25519PublicKey
    boot_id: str
    platform: str = ""
    software: str = ""
    map_digest: str = ""
    driver_view: bool = True


@dataclass(frozen=True)
class CarReport:
    """What the car believes of itself when it says hello."""

    reported_state: str
    mission_id: str | None = None
    mission_version: int = 0


class Outbox(Protocol):
    """The durable half of a car's link. `Journal` is one."""

    def last_event_seq(self) -> int: ...
    def events_after(self, seq: int, limit: int) -> Sequence[Event]: ...
    def forget_through(self, seq: int) -> None: ...
    def renumber_above(self, seq: int) -> None: ...
    def outcome_of(self, seq: int) -> CommandAck | None: ...
    def settle(self, ack: CommandAck) -> None: ...


@dataclass(frozen=True)
class Opened:
    epoch: int
    lease_s: float
    platform_time_ms: int


@dataclass(frozen=True)
class CommandArrived:
    """Act on it, make the effect and its outcome durable together, then call `answer`."""

    command: SignedCommand


@dataclass(frozen=True)
class CommandRefused:
    """Nothing to do but to write it down; the answer, where one is due, is already on its way."""

    code: str
    detail: str
    seq: int | None


@dataclass(frozen=True)
class EventsStored:
    """The platform has every event up to `seq`; they are forgotten here."""

    seq: int


class PlatformClock:
    """The platform's time as the car may know it: never too early, so that no command looks younger than it is.

    The welcome's time was read between the hello's going and the welcome's coming. The car takes the latest it can have
    been by now, and from there its own monotonic clock, which no one can set.
    """

    def __init__(self, server_time_ms: int, *, sent_s: float, heard_s: float) -> None:
        self._base_ms = server_time_ms + round((heard_s - sent_s) * 1000)
        self._base_s = heard_s

    def now_ms(self, now_s: float) -> int:
        return self._base_ms + round((now_s - self._base_s) * 1000)


CarOutput = Opened | CommandArrived | CommandRefused | EventsStored | Ended


class CarSession:
    """Feed `receive` and `tick`, act on what they return, call `pump` after new events, write what `outgoing` gives."""

    def __init__(
        self,
        *,
        identity: CarIdentity,
        report: CarReport,
        outbox: Outbox,
        guard: CommandGuard,
        now_s: float,
        limits: SessionLimits | None = None,
    ) -> None:
        self._identity = identity
        self._report = report
        self._outbox = outbox
        self._guard = guard
        self._limits = limits or SessionLimits()
        self._pulse = Pulse(now_s, self._limits)
        self._car_nonce = new_nonce()
        self._told_seq = 0
        self._sent_seq = 0
        self._acked_seq = 0
        self._hello_s = now_s
        self._clock = PlatformClock(0, sent_s=now_s, heard_s=now_s)
        self._out: list[Frame] = []
        self._watched_until_s = float("-inf")
        self.epoch = 0
        self.phase = Phase.OPENING

    def outgoing(self) -> list[str]:
        """JSON texts to write, in order; each is given out once."""
        frames, self._out = self._out, []
        return [encode(frame) for frame in frames]

    def receive(self, data: str | bytes, *, now_s: float) -> list[CarOutput]:
        if self.phase is Phase.ENDED:
            return []
        try:
            frame = decode_down(data)
        except BadFrame as error:
            return [self._end(error.code, error.detail, retry_after_s=1.0)]
        return self._received(frame, now_s)

    def tick(self, *, now_s: float, now_ms: int) -> list[CarOutput]:
        """Call it at least every second."""
        overdue = self._pulse.overdue(self.phase, now_s)
        if overdue:
            self.phase = Phase.ENDED
            return [overdue]
        if self.phase is Phase.OPEN:
            self.pump(now_s)
            if self._pulse.heartbeat_due(now_s):
                self._say(Heartbeat(sent_ms=now_ms), now_s)
        return []

    def pump(self, now_s: float) -> None:
        """Sends events that are due, at most `window` ahead of what the platform has acknowledged."""
        if self.phase is not Phase.OPEN:
            return
        room = self._limits.window - (self._sent_seq - self._acked_seq)
        if room <= 0:
            return
        for event in self._outbox.events_after(self._sent_seq, room):
            self._sent_seq = event.seq
            self._say(event, now_s)

    def answer(self, ack: CommandAck, *, now_s: float) -> None:
        if self.phase is Phase.OPEN:
            self._say(ack, now_s)

    def telemetry(self, samples: Sequence[Telemetry], *, now_s: float) -> None:
        """Sends one sample, or up to 100 of the time without a link, oldest first."""
        if self.phase is not Phase.OPEN or not samples:
            return
        self._say(samples[0] if len(samples) == 1 else TelemetryBatch(samples=list(samples)), now_s)

    def watched(self, now_s: float) -> bool:
        """Whether somebody looks through this car's cameras now."""
        return self.phase is Phase.OPEN and now_s < self._watched_until_s

    def show(self, view: DriverView, *, taken_s: float, now_s: float) -> None:
        """Sends what the driver saw at `taken_s`, if somebody looks; raises `BadFrame` for what can't be sent."""
        if self.watched(now_s):
            stamped = msgspec.structs.replace(view, taken_ms=max(0, self._clock.now_ms(taken_s)))
            self._say(DriverReport(view=encode_view(stamped)), now_s)

    @property
    def heard_s(self) -> float:
        """When the platform was last heard in this session; meaningless before the session is open."""
        return self._pulse.heard_s

    def _received(self, frame: Frame, now_s: float) -> list[CarOutput]:
        if isinstance(frame, Reject):
            return [self._end(frame.code, frame.detail, frame.retry_after_s)]
        if self.phase is Phase.OPENING and isinstance(frame, Challenge):
            return self._challenged(frame, now_s)
        if self.phase is Phase.PROVING and isinstance(frame, Welcome):
            return self._welcomed(frame, now_s)
        if self.phase is Phase.OPEN and isinstance(frame, Heartbeat | EventAck | Command | Watch):
            self._pulse.heard_s = now_s
            return self._in_session(frame, now_s)
        return [self._end("out_of_turn", f"{type(frame).__name__} in phase {self.phase.value}", retry_after_s=1.0)]

    def _challenged(self, challenge: Challenge, now_s: float) -> list[CarOutput]:
        if challenge.protocol != PROTOCOL:
            detail = f"the platform speaks protocol {challenge.protocol}, this car {PROTOCOL}"
            return [self._end("unsupported_protocol", detail, retry_after_s=300.0)]
        self._told_seq = self._outbox.last_event_seq()
        self._hello_s = now_s
        identity = self._identity
        hello = Hello(
            protocol=PROTOCOL,
            vehicle_id=identity.vehicle_id,
            signature="",
            car_nonce=self._car_nonce,
            boot_id=identity.boot_id,
            uplink_seq=self._told_seq,
            downlink_seq=self._guard.last_seq,
            reported_state=self._report.reported_state,
            mission_id=self._report.mission_id,
            mission_version=self._report.mission_version,
            platform=identity.platform,
            software=identity.software,
            map_digest=identity.map_digest,
            driver_view=identity.driver_view,
        )
        signature = sign(identity.key, hello_bytes(hello, challenge.nonce))
        self.phase = Phase.PROVING
        self._say(msgspec.structs.replace(hello, signature=signature), now_s)
        return []

    def _welcomed(self, welcome: Welcome, now_s: float) -> list[CarOutput]:
        signed = welcome_bytes(
            vehicle_id=self._identity.vehicle_id,
            car_nonce=self._car_nonce,
            epoch=welcome.epoch,
            uplink_seq=welcome.uplink_seq,
            lease_s=welcome.lease_s,
            server_time_ms=welcome.server_time_ms,
        )
        try:
            verify(self._identity.fleet_key, welcome.signature, signed)
        except BadSignature:
            return [self._end("bad_welcome", "the platform did not prove that it is this car's fleet", 60.0)]
        if welcome.uplink_seq > self._told_seq:
            # The platform knows more events than this car ever numbered: the journal was lost. What waits here is new.
            self._outbox.renumber_above(welcome.uplink_seq)
        self._outbox.forget_through(welcome.uplink_seq)
        self._sent_seq = self._acked_seq = welcome.uplink_seq
        self._limits = replace(self._limits, heartbeat_s=welcome.heartbeat_s, lease_s=welcome.lease_s)
        self._pulse.heartbeat_s, self._pulse.lease_s = welcome.heartbeat_s, welcome.lease_s
        self._pulse.heard_s = now_s
        self._clock = PlatformClock(welcome.server_time_ms, sent_s=self._hello_s, heard_s=now_s)
        self.phase, self.epoch = Phase.OPEN, welcome.epoch
        self.pump(now_s)
        return [Opened(welcome.epoch, welcome.lease_s, self._clock.now_ms(now_s))]

    def _in_session(self, frame: Heartbeat | EventAck | Command | Watch, now_s: float) -> list[CarOutput]:
        if isinstance(frame, Command):
            return self._commanded(frame, now_s)
        if isinstance(frame, Watch):
            return self._watched_by(frame, now_s)
        if isinstance(frame, Heartbeat):
            return []
        if frame.seq > self._sent_seq:
            return [self._end("bad_ack", f"event {frame.seq} acknowledged, {self._sent_seq} sent", retry_after_s=1.0)]
        if frame.seq <= self._acked_seq:
            return []
        self._acked_seq = frame.seq
        self._outbox.forget_through(frame.seq)
        self.pump(now_s)
        return [EventsStored(frame.seq)]

    def _watched_by(self, watch: Watch, now_s: float) -> list[CarOutput]:
        """A lease, never longer than MAX_WATCH_S. One that is not the fleet's own changes nothing."""
        signed = watch_bytes(vehicle_id=self._identity.vehicle_id, epoch=self.epoch, until_ms=watch.until_ms)
        try:
            verify(self._identity.fleet_key, watch.signature, signed)
        except BadSignature:
            return [CommandRefused("bad_watch", "the watch is not signed by this car's fleet", None)]
        left_s = (watch.until_ms - self._clock.now_ms(now_s)) / 1000
        self._watched_until_s = max(self._watched_until_s, now_s + min(left_s, MAX_WATCH_S))
        return []

    def _commanded(self, command: Command, now_s: float) -> list[CarOutput]:
        try:
            admitted = self._guard.admit(command, epoch=self.epoch, now_ms=self._clock.now_ms(now_s))
        except Refused as refused:
            return self._refuse(refused, now_s)
        return [CommandArrived(admitted)]

    def _refuse(self, refused: Refused, now_s: float) -> list[CarOutput]:
        """Answers only for a number of this car in this session: a replayed old command must not undo its outcome."""
        seq = refused.command.seq if refused.command else None
        if seq is not None and refused.code == "seq_not_rising":
            known = self._outbox.outcome_of(seq)
            self.answer(known or CommandAck(seq=seq, outcome="refused", code=refused.code), now_s=now_s)
        elif seq is not None and refused.code in ("expired", "from_future"):
            ack = CommandAck(seq=seq, outcome="refused", code=refused.code, detail=refused.detail)
            self._outbox.settle(ack)
            self.answer(ack, now_s=now_s)
        return [CommandRefused(refused.code, refused.detail, seq)]

    def _end(self, code: str, detail: str, retry_after_s: float | None) -> Ended:
        self.phase = Phase.ENDED
        return Ended(code, detail, retry_after_s)

    def _say(self, frame: Frame, now_s: float) -> None:
        self._out.append(frame)
        self._pulse.said_s = now_s
