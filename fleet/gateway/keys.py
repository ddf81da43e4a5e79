"""The key with which the platform signs what it tells cars."""

import contextlib
import os
import uuid
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from autonomy.link.signing import load_key, public_text, write_new_key

NAME = "fleet-command.pem"


def command_key() -> Ed25519PrivateKey:
    """The fleet's key, made on first use (mode 600). Raises `autonomy.link.signing.BadKey` for a damaged file."""
    return _key_in(settings.HANSOM_KEYS_DIR)


def command_public_key() -> str:
    """What cars are given to check commands with, base64."""
    return public_text(command_key())


@cache
def _key_in(folder: Path) -> Ed25519PrivateKey:
    path = folder / NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f".{NAME}.{uuid.uuid4().hex}"
        write_new_key(fresh)
        try:
            # A link is made whole or not at all, so two processes that start together end up with one key.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            fresh.unlink()
    return load_key(path)
