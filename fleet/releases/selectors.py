"""The releases that lie in HANSOM_RELEASES_DIR, one folder each with its `manifest.json`."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from fleet.releases.domain import BadManifest, Release, read

MAX_BYTES: Final = 4 * 1024 * 1024
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder that should hold a release and can't be read as one."""

    name: str
    detail: str


def releases() -> tuple[list[Release], list[Unreadable]]:
    """Those that can be read, newest name first, and those that can't, with the reason."""
    folder = Path(settings.HANSOM_RELEASES_DIR)
    found: list[Release] = []
    bad: list[Unreadable] = []
    if not folder.is_dir():
        return [], []
    for path in sorted(folder.iterdir(), reverse=True):
        if not path.is_dir() or not _NAME.fullmatch(path.name):
            continue
        try:
            found.append(_one(path))
        except BadManifest as error:
            bad.append(Unreadable(path.name, str(error)))
    return found, bad


def _one(path: Path) -> Release:
    file = path / "manifest.json"
    try:
        if file.stat().st_size > MAX_BYTES:
            raise BadManifest(f"the manifest is larger than {MAX_BYTES} bytes")
        return read(path.name, json.loads(file.read_bytes()))
    except FileNotFoundError as error:
        raise BadManifest("it has no manifest.json") from error
    except OSError as error:
        raise BadManifest(f"its manifest can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadManifest):
            raise
        raise BadManifest("its manifest is not JSON") from error
