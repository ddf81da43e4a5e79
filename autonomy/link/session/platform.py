"""The platform's side of one connection with one car."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Raw

from autonomy.link.codec import BadFrame, decode_up, encode
from autonomy.link.messages import (
    PROTOCOL,
    Challenge,
    CommandAck,
    CommandBody,
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
    BadKey,
    BadSignature,
    hello_bytes,
    new_nonce,
    parse_public,
    sign,
    sign_command,
    verify,
    watch_bytes,
    welcome_bytes,
)


@dataclass(frozen=True)
class HelloArrived:
    """Look the car up, `authenticate` with its public key, take the next epoch, then `open`."""

    hello: Hello


@dataclass(frozen=True)
class EventArrived:
    """The next event in order, for the first time in this session. Store it with its effect, then call `stored`."""

    event: Event


@dataclass(frozen=True)
class TelemetryArrived:
    samples: tuple[Telemetry, ...]


@dataclass(frozen=True)
class AckArrived:
    ack: CommandAck


@dataclass(frozen=True)
class DriverReportArrived:
    """What the driver sees, unread: `driver_view.decode_view` reads it, where somebody looks."""

    view: Raw


PlatformOutput = HelloArrived | EventArrived | TelemetryArrived | AckArrived | DriverReportArrived | Ended


class PlatformSession:
    """Order of calls: construct; `receive` gives `HelloArrived`; `authenticate`; `open`; then anything.

    `receive` and `tick` return what the owner must act on. After an `Ended` (also in answer to `reject`) write what
    `outgoing` still holds, close the socket and forget the session. Times: `now_s` monotonic seconds, `now_ms` Unix ms.
    """

    def __init__(
        self, *, signer: Ed25519PrivateKey, now_s: float, now_ms: int, limits: SessionLimits | None = None
    ) -> None:
        self._signer = signer
        self._limits = limits or SessionLimits()
        self._pulse = Pulse(now_s, self._limits)
        self._nonce = new_nonce()
        self._out: list[Frame] = [Challenge(protocol=PROTOCOL, nonce=self._nonce, server_time_ms=now_ms)]
        self._hello: Hello | None = None
        self._expected_seq = 0
        self._stored_seq = 0
        self._sent_seq = 0
        self._authentic = False
        self.epoch = 0
        self.phase = Phase.OPENING

    @property
    def vehicle_id(self) -> str | None:
        """Who says hello; proven only once the phase is OPEN."""
        return self._hello.vehicle_id if self._hello else None

    def outgoing(self) -> list[str]:
        """JSON texts to write, in order; each is given out once."""
        frames, self._out = self._out, []
        return [encode(frame) for frame in frames]

    def receive(self, data: str | bytes, *, now_s: float) -> list[PlatformOutput]:
        if self.phase is Phase.ENDED:
            return []
        try:
            frame = decode_up(data)
        except BadFrame as error:
            return [self.reject(error.code, error.detail, retry_after_s=1.0)]
        self._pulse.heard_s = now_s
        if self.phase is Phase.OPEN:
            return self._in_session(frame)
        if self.phase is Phase.OPENING and isinstance(frame, Hello):
            return self._hello_arrived(frame)
        return [self.reject("out_of_turn", f"{type(frame).__name__} in phase {self.phase.value}", retry_after_s=1.0)]

    def authenticate(self, public_key: str) -> Ended | None:
        """Checks the hello against the key on file; None if it fits, else the session has ended."""
        if self.phase is not Phase.PROVING or self._hello is None:
            raise RuntimeError("no hello to authenticate")
        try:
            verify(parse_public(public_key), self._hello.signature, hello_bytes(self._hello, self._nonce))
        except (BadKey, BadSignature):
            return self.reject("bad_signature", "this is not the key on file for this vehicle", retry_after_s=None)
        self._authentic = True
        return None

    def open(self, *, epoch: int, uplink_seq: int, now_s: float, now_ms: int) -> None:
        """Welcomes the car. `uplink_seq` is the highest event number stored; `epoch` is higher than any before it."""
        if self.phase is not Phase.PROVING or self._hello is None or not self._authentic:
            raise RuntimeError("only an authentic hello can be welcomed")
        self.phase, self.epoch = Phase.OPEN, epoch
        self._stored_seq, self._expected_seq = uplink_seq, uplink_seq + 1
        signed = welcome_bytes(
            vehicle_id=self._hello.vehicle_id,
            car_nonce=self._hello.car_nonce,
            epoch=epoch,
            uplink_seq=uplink_seq,
            lease_s=self._limits.lease_s,
            server_time_ms=now_ms,
        )
        welcome = Welcome(
            epoch=epoch,
            uplink_seq=uplink_seq,
            heartbeat_s=self._limits.heartbeat_s,
            lease_s=self._limits.lease_s,
            server_time_ms=now_ms,
            signature=sign(self._signer, signed),
        )
        self._say(welcome, now_s)

    def command(
        self, *, seq: int, issued_at_ms: int, ttl_ms: int, issuer: str, reason: str, body: CommandBody, now_s: float
    ) -> None:
        """Signs and sends a command. Numbers must rise within a session; raises ValueError if not, and `BadFrame`."""
        if self.phase is not Phase.OPEN or self._hello is None:
            raise RuntimeError("commands need an open session")
        if seq <= self._sent_seq:
            raise ValueError(f"command {seq} after {self._sent_seq}")
        signed = SignedCommand(
            vehicle_id=self._hello.vehicle_id,
            seq=seq,
            epoch=self.epoch,
            issued_at_ms=issued_at_ms,
            ttl_ms=ttl_ms,
            issuer=issuer,
            reason=reason,
            body=body,
        )
        frame = sign_command(self._signer, signed)
        encode(frame)  # too large must be the caller's error now, not the socket's later
        self._sent_seq = seq
        self._say(frame, now_s)

    def watch(self, *, until_ms: int, now_s: float) -> None:
        """Asks the car to show what its driver sees until then; a car that does not know how is not asked."""
        if self.phase is not Phase.OPEN or self._hello is None or not self._hello.driver_view:
            return
        signed = watch_bytes(vehicle_id=self._hello.vehicle_id, epoch=self.epoch, until_ms=until_ms)
        self._say(Watch(until_ms=until_ms, signature=sign(self._signer, signed)), now_s)

    def stored(self, seq: int, *, now_s: float) -> None:
        """Every event up to `seq` is committed: tell the car. Also right when nothing is new."""
        self._stored_seq = max(self._stored_seq, min(seq, self._expected_seq - 1))
        self._say(EventAck(seq=self._stored_seq), now_s)

    def tick(self, *, now_s: float, now_ms: int) -> list[PlatformOutput]:
        """Call it at least every second."""
        overdue = self._pulse.overdue(self.phase, now_s)
        if overdue:
            return [self.reject(overdue.code, overdue.detail, retry_after_s=overdue.retry_after_s)]
        if self.phase is Phase.OPEN and self._pulse.heartbeat_due(now_s):
            self._say(Heartbeat(sent_ms=now_ms), now_s)
        return []

    def reject(self, code: str, detail: str, *, retry_after_s: float | None) -> Ended:
        """Ends the session and tells the car why. None as `retry_after_s` tells it never to come back like this."""
        if self.phase is not Phase.ENDED:
            self._out.append(Reject(code=code, detail=_one_line(detail), retry_after_s=retry_after_s))
        self.phase = Phase.ENDED
        return Ended(code, detail, retry_after_s)

    def _hello_arrived(self, hello: Hello) -> list[PlatformOutput]:
        if hello.protocol != PROTOCOL:
            detail = f"protocol {hello.protocol}, this platform speaks {PROTOCOL}"
            return [self.reject("unsupported_protocol", detail, retry_after_s=None)]
        self._hello, self.phase = hello, Phase.PROVING
        return [HelloArrived(hello)]

    def _in_session(self, frame: Frame) -> list[PlatformOutput]:
        match frame:
            case Heartbeat() | TelemetryBatch(samples=[]):
                return []
            case Telemetry():
                return [TelemetryArrived((frame,))]
            case TelemetryBatch(samples=samples):
                return [TelemetryArrived(tuple(samples))]
            case DriverReport(view=view):
                return [DriverReportArrived(view)]
            case CommandAck() | Event():
                return self._ack_arrived(frame) if isinstance(frame, CommandAck) else self._event_arrived(frame)
            case _:
                detail = f"{type(frame).__name__} in an open session"
                return [self.reject("out_of_turn", detail, retry_after_s=1.0)]

    def _ack_arrived(self, ack: CommandAck) -> list[PlatformOutput]:
        if ack.seq > self._sent_seq:
            detail = f"command {ack.seq} was not sent in this session"
            return [self.reject("unknown_command", detail, retry_after_s=1.0)]
        return [AckArrived(ack)]

    def _event_arrived(self, event: Event) -> list[PlatformOutput]:
        if event.seq > self._expected_seq:
            detail = f"event {event.seq} where {self._expected_seq} was due"
            return [self.reject("event_gap", detail, retry_after_s=0.0)]
        if event.seq < self._expected_seq:
            self._out.append(EventAck(seq=self._stored_seq))
            return []
        self._expected_seq += 1
        return [EventArrived(event)]

    def _say(self, frame: Frame, now_s: float) -> None:
        self._out.append(frame)
        self._pulse.said_s = now_s


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:200]
