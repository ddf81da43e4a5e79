"""Keys and commands to test with."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from autonomy.link import messages as m
from autonomy.link.signing import sign_command

VEHICLE = "0199aaaa-0000-7000-8000-000000000001"
OTHER_VEHICLE = "0199aaaa-0000-7000-8000-000000000002"
CAR_KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
FLEET_KEY = Ed25519PrivateKey.from_private_bytes(b"f" * 32)


def command(
    *,
    seq: int = 1,
    epoch: int = 1,
    issued_at_ms: int = 10_000,
    ttl_ms: int = 5_000,
    vehicle_id: str = VEHICLE,
    key: Ed25519PrivateKey = FLEET_KEY,
) -> m.Command:
    signed = m.SignedCommand(
        vehicle_id=vehicle_id,
        seq=seq,
        epoch=epoch,
        issued_at_ms=issued_at_ms,
        ttl_ms=ttl_ms,
        issuer="user:1",
        reason="test",
        body=m.Hold(),
    )
    return sign_command(key, signed)
