"""The gate in front of everything that the platform tells a car to do."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from autonomy.link.codec import BadFrame
from autonomy.link.messages import Command, SignedCommand
from autonomy.link.signing import BadSignature, verify_command

MAX_CLOCK_SKEW_MS = 2_000


class Refused(Exception):
    """A command that the car does not act on.

    `code`: `bad_signature`, `bad_command`, `wrong_vehicle`, `wrong_epoch`, `seq_not_rising`, `expired`, `from_future`.
    `command` is the command itself once its signature has been verified, else None: only a verified number counts.
    """

    def __init__(self, code: str, detail: str, command: SignedCommand | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.command = command


class CommandGuard:
    """Lets each command through at most once, in rising order, while it is fresh and of the present session.

    `last_seq` is the highest number ever let through or refused for its age. The owner stores it together with the
    command's effect and starts the next guard from there, so that a restart does not open the gate again.
    """

    def __init__(self, vehicle_id: str, fleet_key: Ed25519PublicKey, last_seq: int) -> None:
        self._vehicle_id = vehicle_id
        self._fleet_key = fleet_key
        self.last_seq = last_seq

    def admit(self, command: Command, *, epoch: int, now_ms: int) -> SignedCommand:
        """The verified command; raises `Refused`. `now_ms` is Unix time in ms by the platform's clock."""
        try:
            signed = verify_command(self._fleet_key, command)
        except BadSignature as error:
            raise Refused("bad_signature", "not signed by this fleet") from error
        except BadFrame as error:
            raise Refused("bad_command", error.detail) from error
        if signed.vehicle_id != self._vehicle_id:
            raise Refused("wrong_vehicle", f"for {signed.vehicle_id}", signed)
        if signed.epoch != epoch:
            raise Refused("wrong_epoch", f"of epoch {signed.epoch}, the session is {epoch}", signed)
        if signed.seq <= self.last_seq:
            raise Refused("seq_not_rising", f"number {signed.seq} after {self.last_seq}", signed)
        # An authentic command of this session uses up its number even when it is too old to act on: nothing older may
        # follow it.
        self.last_seq = signed.seq
        age_ms = now_ms - signed.issued_at_ms
        if age_ms > signed.ttl_ms:
            raise Refused("expired", f"{age_ms} ms old, at most {signed.ttl_ms}", signed)
        if age_ms < -MAX_CLOCK_SKEW_MS:
            raise Refused("from_future", f"issued {-age_ms} ms ahead of the clock", signed)
        return signed
