"""Ed25519: key files, what is signed when a session opens, and signed commands.

What is signed differs by its first bytes (a JSON list with a purpose for the handshake, a JSON object for a command),
so that a signature made for one purpose never fits another.
"""

import base64
import binascii
import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from autonomy.link.codec import decode_signed, encode_signed
from autonomy.link.messages import Command, Hello, SignedCommand


class BadKey(ValueError):
    """A key that can't be read: a wrong file, a wrong kind, a wrong length."""


class BadSignature(ValueError):
    """A signature that does not fit the data and the key."""


def new_nonce() -> str:
    """32 random bytes, base64."""
    return base64.b64encode(os.urandom(32)).decode()


def write_new_key(path: Path) -> Ed25519PrivateKey:
    """Makes a key and writes it as PEM (PKCS#8), for its owner only; never overwrites (raises FileExistsError)."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """Reads a key file; raises `BadKey` naming the file."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadKey(f"{path}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: not an Ed25519 key")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half, base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def parse_public(text: str) -> Ed25519PublicKey:
    """The key in `public_text`'s form; raises `BadKey`."""
    try:
        raw = base64.b64decode(text, validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)
    except (binascii.Error, ValueError) as error:
        raise BadKey(f"not a base64 Ed25519 public key: {error}") from error


def sign(key: Ed25519PrivateKey, data: bytes) -> str:
    return base64.b64encode(key.sign(data)).decode()


def verify(public: Ed25519PublicKey, signature: str, data: bytes) -> None:
    """Raises `BadSignature`."""
    try:
        public.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise BadSignature("the signature does not fit") from error


def hello_bytes(hello: Hello, nonce: str) -> bytes:
    """What a car signs: the platform's nonce and every field of its hello but the signature itself.

    A car that knows nothing of a later field has not signed it either: at its default it is left out.
    """
    fields = msgspec.structs.asdict(hello)
    fields.pop("signature")
    if not hello.driver_view:
        fields.pop("driver_view")
    return msgspec.json.encode(["hansom.hello.v1", nonce, sorted(fields.items())])


def welcome_bytes(
    *, vehicle_id: str, car_nonce: str, epoch: int, uplink_seq: int, lease_s: float, server_time_ms: int
) -> bytes:
    """What the platform signs when it opens a session: the car's nonce binds it to this one connection."""
    lease_ms = round(lease_s * 1000)
    return msgspec.json.encode(
        ["hansom.welcome.v1", vehicle_id, car_nonce, epoch, uplink_seq, lease_ms, server_time_ms]
    )


def watch_bytes(*, vehicle_id: str, epoch: int, until_ms: int) -> bytes:
    """What the platform signs when somebody looks through a car's cameras: this car, this session, until then."""
    return msgspec.json.encode(["hansom.watch.v1", vehicle_id, epoch, until_ms])


def sign_command(key: Ed25519PrivateKey, command: SignedCommand) -> Command:
    text = encode_signed(command)
    return Command(signed=text, signature=sign(key, text.encode()))


def verify_command(public: Ed25519PublicKey, command: Command) -> SignedCommand:
    """The command inside; raises `BadSignature`, and `BadFrame` for what is signed but not a command."""
    verify(public, command.signature, command.signed.encode())
    return decode_signed(command.signed)


def new_boot_id() -> str:
    """Names one life of the car's process."""
    return os.urandom(8).hex()
