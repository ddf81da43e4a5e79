"""Dying at a chosen moment, and only the first time."""

import os
import signal
from pathlib import Path


def die_once(name: str) -> None:
    """kill -9 of this process, unless it, or the one before it under this name, has died here already."""
    marker = Path(os.environ["HANSOM_VAR"]) / f"died-{name}"
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
