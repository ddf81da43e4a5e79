"""Which policy drives which car, by name. No torch: a release is a folder until it is opened."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RULES = "rules"
RELEASES = Path(__file__).resolve().parent.parent / "releases"
MANIFEST = "manifest.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class BadPolicy(ValueError):
    """A policy that can't be had; the text names it and what there is."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many cars (None: all that are left) get this policy."""

    policy: str
    cars: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """What drives a car, and the release that rides along without driving."""

    policy: str
    shadow: str | None = None

    @property
    def learned(self) -> bool:
        return self.policy != RULES


def parse_shares(text: str) -> tuple[Share, ...]:
    """ "vla-2.0:12,rules": twelve cars by release vla-2.0, the others by rules. Raises BadPolicy."""
    shares = []
    for part in text.split(","):
        name, colon, count = part.strip().partition(":")
        _check_name(name)
        if colon and not (count.isascii() and count.isdigit()):
            raise BadPolicy(f"policies: {part.strip()!r} has no number of cars behind the colon")
        shares.append(Share(name, int(count) if colon else None))
    if any(share.cars is None for share in shares[:-1]):
        raise BadPolicy(f"policies: {text!r} gives all cars to one policy before the last")
    return tuple(shares)


def posts(car_ids: Sequence[str], shares: Sequence[Share], own: Mapping[str, Post]) -> dict[str, Post]:
    """The post of each car: its own where it has one, else the shares in the order of the cars; `rules` for those whom
    no share reaches."""
    given: dict[str, Post] = {}
    free = [car_id for car_id in car_ids if car_id not in own]
    for share in shares:
        count = len(free) if share.cars is None else share.cars
        given |= dict.fromkeys(free[:count], Post(share.policy))
        free = free[count:]
    given |= dict.fromkeys(free, Post(RULES))
    return {car_id: own.get(car_id) or given[car_id] for car_id in car_ids}


def releases(folder: Path = RELEASES) -> list[str]:
    """Names of the releases in this folder."""
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if (entry / MANIFEST).is_file())


def release_folder(name: str, folder: Path = RELEASES) -> Path:
    """Where a release lies. Raises BadPolicy."""
    _check_name(name)
    if name not in releases(folder):
        known = ", ".join([RULES, *releases(folder)])
        raise BadPolicy(f"policy: {name!r} is not in {folder}; there are {known}")
    return folder / name


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadPolicy(f"policy: {name!r} is not a name (small letters, digits, dots, dashes)")
