"""Two sessions over a network that loses, doubles, swaps and replays, while either side crashes at the worst moment."""

import dataclasses
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from autonomy.link import messages as m
from autonomy.link.codec import decode_down
from autonomy.link.guard import CommandGuard
from autonomy.link.journal import Journal
from autonomy.link.session import (
    AckArrived,
    CarIdentity,
    CarReport,
    CarSession,
    CommandArrived,
    Ended,
    EventArrived,
    HelloArrived,
    PlatformSession,
)
from autonomy.link.signing import parse_public, public_text, verify_command

VEHICLE = "0199aaaa-0000-7000-8000-000000000001"
CAR_KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
FLEET_KEY = Ed25519PrivateKey.from_private_bytes(b"f" * 32)
PLATFORM_EPOCH_MS = 1_790_000_000_000
# Thousands of journals are written here, and processes die, not the power: no need to wait for a disk.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclasses.dataclass
class Row:
    """A command as the platform's database keeps it."""

    seq: int
    issued_at_ms: int
    ttl_ms: int
    reissue: bool
    outcome: str | None = None


class Crash(Exception):
    """The process died here."""


class LinkMachine(RuleBasedStateMachine):
    platform_class: type[PlatformSession] = PlatformSession
    guard_class: type[CommandGuard] = CommandGuard

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.path = Path(self.folder.name) / "journal.db"
        self.now_s = 1000.0
        # the platform's database
        self.epoch = 0
        self.applied: list[int] = []
        self.stored_seq = 0
        self.rows: list[Row] = []
        # the car's truth
        self.made = 0
        self.executed: list[int] = []
        self.car: CarSession | None = None
        self.platform: PlatformSession | None = None
        self.up: deque[str] = deque()
        self.down: deque[str] = deque()
        self.seen_down: list[str] = []
        self.crash_next = False
        self.challenge = ""  # of this connection
        self.misled = False  # the car has seen another connection's challenge
        self.boot_car()

    # --- the two processes

    def boot_car(self) -> None:
        self.journal = Journal(self.path, VEHICLE)
        self.guard = self.guard_class(VEHICLE, parse_public(public_text(FLEET_KEY)), self.journal.downlink_seq)

    def now_ms(self) -> int:
        return PLATFORM_EPOCH_MS + round(self.now_s * 1000)

    def flush(self) -> None:
        if self.car:
            self.up.extend(self.car.outgoing())
        if self.platform:
            texts = self.platform.outgoing()
            self.down.extend(texts)
            self.seen_down.extend(texts)

    def cut(self) -> None:
        self.car = self.platform = None
        self.up.clear()
        self.down.clear()

    def car_acts(self, outputs: list[Any]) -> None:
        for output in outputs:
            if isinstance(output, CommandArrived):
                if self.crash_next:
                    raise Crash
                command = output.command
                ack = m.CommandAck(seq=command.seq, outcome="accepted")
                self.executed.append(command.seq)
                assert self.now_ms() - command.issued_at_ms <= command.ttl_ms, "acted on a stale command"
                self.journal.commit(parts={}, ack=ack)
                assert self.car is not None
                self.car.answer(ack, now_s=self.now_s)
            elif isinstance(output, Ended):
                self.flush()
                self.car = None

    def platform_acts(self, outputs: list[Any]) -> None:
        for output in outputs:
            match output:
                case HelloArrived():
                    self.welcome()
                case EventArrived(event=event):
                    assert isinstance(event.body, m.Held)
                    self.applied.append(int(event.body.reason))
                    self.stored_seq = max(self.stored_seq, event.seq)
                    if self.crash_next:
                        raise Crash
                    if self.platform:
                        self.platform.stored(self.stored_seq, now_s=self.now_s)
                case AckArrived(ack=ack):
                    row = next(row for row in self.rows if row.seq == ack.seq)
                    assert row.outcome in (None, ack.outcome), "an outcome changed"
                    row.outcome = ack.outcome
                case Ended():
                    self.flush()
                    self.platform = None

    def welcome(self) -> None:
        assert self.platform is not None
        refused = self.platform.authenticate(public_text(CAR_KEY))
        if refused is not None:
            # A replayed challenge overtook the real one: what the car signed is for another connection.
            assert self.misled, f"a genuine hello was refused: {refused}"
            self.flush()
            self.platform = None
            return
        self.epoch += 1
        self.platform.open(epoch=self.epoch, uplink_seq=self.stored_seq, now_s=self.now_s, now_ms=self.now_ms())
        for row in self.rows:
            if row.outcome is None:
                if row.reissue:
                    row.issued_at_ms = self.now_ms()
                self.send(row)

    def send(self, row: Row) -> None:
        assert self.platform is not None
        self.platform.command(
            seq=row.seq,
            issued_at_ms=row.issued_at_ms,
            ttl_ms=row.ttl_ms,
            issuer="user:1",
            reason="test",
            body=m.Hold(),
            now_s=self.now_s,
        )

    # --- what can happen

    @rule()
    def car_makes_event(self) -> None:
        self.made += 1
        self.journal.commit(parts={}, events=[m.Held(reason=str(self.made))], at_ms=self.now_ms())
        if self.car:
            self.car.pump(self.now_s)
        self.flush()

    @rule(ttl_ms=st.sampled_from([500, 5000, 60_000]), reissue=st.booleans())
    def platform_commands(self, ttl_ms: int, reissue: bool) -> None:
        row = Row(len(self.rows) + 1, self.now_ms(), ttl_ms, reissue)
        self.rows.append(row)
        if self.platform and self.platform.phase.value == "open":
            self.send(row)
        self.flush()

    @rule(events=st.integers(0, 3))
    def connect_well(self, events: int) -> None:
        self.connect()
        for _ in range(3):
            self.deliver_much(1)
        for _ in range(events):
            self.car_makes_event()

    @rule()
    def connect(self) -> None:
        self.cut()
        self.platform = self.platform_class(signer=FLEET_KEY, now_s=self.now_s, now_ms=self.now_ms())
        identity = CarIdentity(VEHICLE, CAR_KEY, FLEET_KEY.public_key(), boot_id="b1")
        self.car = CarSession(
            identity=identity,
            report=CarReport("available.idle"),
            outbox=self.journal,
            guard=self.guard,
            now_s=self.now_s,
        )
        self.flush()
        self.challenge, self.misled = self.down[0], False

    @rule()
    def cut_the_line(self) -> None:
        self.cut()

    @precondition(lambda self: self.up)
    @rule(crash=st.booleans())
    def deliver_up(self, crash: bool) -> None:
        text = self.up.popleft()
        if self.platform is None:
            return
        self.crash_next = crash
        try:
            self.platform_acts(self.platform.receive(text, now_s=self.now_s))
        except Crash:
            self.cut()
        self.crash_next = False
        self.flush()

    @precondition(lambda self: self.down)
    @rule(crash=st.booleans())
    def deliver_down(self, crash: bool) -> None:
        text = self.down.popleft()
        if self.car is None:
            return
        self.misled |= isinstance(decode_down(text), m.Challenge) and text != self.challenge
        self.crash_next = crash
        try:
            self.car_acts(self.car.receive(text, now_s=self.now_s))
        except Crash:
            self.crash_car()
        self.crash_next = False
        self.flush()

    @rule(count=st.integers(2, 12))
    def deliver_much(self, count: int) -> None:
        for _ in range(count):
            if self.up:
                self.deliver_up(crash=False)
            if self.down:
                self.deliver_down(crash=False)

    @precondition(lambda self: self.up)
    @rule(data=st.data(), how=st.sampled_from(["lose", "double", "swap"]))
    def spoil_up(self, data: st.DataObject, how: str) -> None:
        self.spoil(self.up, data.draw(st.integers(0, len(self.up) - 1)), how)

    @precondition(lambda self: self.down)
    @rule(data=st.data(), how=st.sampled_from(["lose", "double", "swap"]))
    def spoil_down(self, data: st.DataObject, how: str) -> None:
        self.spoil(self.down, data.draw(st.integers(0, len(self.down) - 1)), how)

    def spoil(self, queue: deque[str], index: int, how: str) -> None:
        if how == "lose":
            del queue[index]
        elif how == "double":
            queue.insert(index, queue[index])
        else:
            queue[0], queue[index] = queue[index], queue[0]

    @precondition(lambda self: self.seen_down and self.car)
    @rule(data=st.data())
    def replay_down(self, data: st.DataObject) -> None:
        self.down.append(data.draw(st.sampled_from(self.seen_down[-20:])))

    @rule()
    def crash_car(self) -> None:
        self.cut()
        self.journal.close()
        self.boot_car()

    @rule()
    def crash_platform(self) -> None:
        self.cut()

    @rule(seconds=st.sampled_from([0.1, 0.7, 2.5, 6.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        if self.platform:
            self.platform_acts(self.platform.tick(now_s=self.now_s, now_ms=self.now_ms()))
        if self.car:
            self.car_acts(self.car.tick(now_s=self.now_s, now_ms=self.now_ms()))
        self.flush()

    # --- what must hold

    @invariant()
    def events_are_applied_once_and_in_order(self) -> None:
        assert self.applied == list(range(1, len(self.applied) + 1)), "an event was lost, doubled or out of order"
        assert len(self.applied) <= self.made

    @invariant()
    def commands_are_obeyed_once_and_in_order(self) -> None:
        assert self.executed == sorted(set(self.executed)), "a command was obeyed twice or out of order"

    def teardown(self) -> None:
        """On a good line everything that waits arrives."""
        try:
            for _ in range(3):
                self.connect()
                while self.up or self.down:
                    self.deliver_much(5)
            assert len(self.applied) == self.made, "an event never arrived"
            assert all(row.outcome for row in self.rows), "a command was never decided"
            accepted = [row.seq for row in self.rows if row.outcome == "accepted"]
            assert self.executed == accepted, "what the platform believes was obeyed is not what was obeyed"
        finally:
            self.journal.close()
            self.folder.cleanup()


LIVES = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

# A control only has to fail, the shortest story of how is of no interest.
CONTROL = settings(LIVES, max_examples=500, phases=[Phase.generate], derandomize=True, report_multiple_bugs=False)


def test_a_replayed_challenge_that_overtakes_the_real_one_costs_the_connection_and_nothing_else() -> None:
    machine = LinkMachine()
    machine.connect()
    machine.connect()
    machine.down.appendleft(machine.seen_down[0])
    machine.car_makes_event()
    machine.deliver_much(6)
    assert (machine.platform, machine.epoch, machine.applied) == (None, 0, [])
    machine.teardown()  # on a good line it arrives


def test_every_event_is_applied_once_and_no_stale_or_double_command_is_obeyed() -> None:
    run_state_machine_as_test(LinkMachine, settings=LIVES)


class ForgetfulPlatform(PlatformSession):
    """Takes every event for a new one."""

    def _event_arrived(self, event: m.Event) -> list[Any]:
        self._expected_seq = event.seq + 1
        return [EventArrived(event)]


class CarelessGuard(CommandGuard):
    """Looks at the signature only."""

    def admit(self, command: m.Command, *, epoch: int, now_ms: int) -> m.SignedCommand:
        return verify_command(self._fleet_key, command)


class DeafGuard(CommandGuard):
    """Checks everything but the order."""

    def admit(self, command: m.Command, *, epoch: int, now_ms: int) -> m.SignedCommand:
        self.last_seq = 0
        return super().admit(command, epoch=epoch, now_ms=now_ms)


class LinkInUse(LinkMachine):
    """Lives that begin with an open session and news on the way: the controls needn't wait for chance to open one."""

    @initialize()
    def begin(self) -> None:
        self.connect_well(events=3)


@pytest.mark.parametrize(
    "broken", [{"platform_class": ForgetfulPlatform}, {"guard_class": CarelessGuard}, {"guard_class": DeafGuard}]
)
def test_the_same_network_finds_a_link_without_the_checks_out(broken: dict[str, Any]) -> None:
    machine = type("BrokenLink", (LinkInUse,), broken)
    with pytest.raises(AssertionError, match=r"event|command|obeyed"):
        run_state_machine_as_test(machine, settings=CONTROL)
