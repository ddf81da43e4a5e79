"""Opens the releases that the cars of a process want, and an engine for them."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from autonomy.hosting.engine import Engine
from autonomy.hosting.limits import HostingLimits
from autonomy.hosting.network import Network
from autonomy.policy.registry import BadPolicy, Post, release_folder

log = logging.getLogger("hansom.hosting")
WARM_UP = (1, 4, 16)


class Loader(Protocol):
    """Makes a network of a release's folder; raises ValueError or OSError for one that can't be used."""

    def __call__(self, folder: Path, *, device: str) -> Network: ...


def open_engine(
    posts: Mapping[str, Post],
    *,
    releases: Path,
    load: Loader,
    device: str = "cpu",
    waits: bool = False,
) -> Engine:
    """An engine with an instance for every car that a release drives, warmed up and at work; patient, if the world
    waits for it. A release that can't be opened costs its cars their driver and nobody else anything: the safety layer
    keeps them where they are."""
    wanted = sorted({name for post in posts.values() if post.learned for name in (post.policy, post.shadow) if name})
    networks: dict[str, Network] = {}
    for name in wanted:
        try:
            networks[name] = load(release_folder(name, releases), device=device)
        except (BadPolicy, ValueError, OSError, RuntimeError, KeyError) as error:
            log.error("release %s can't be opened, its cars stay where they are: %s", name, error)
    engine = Engine(networks, limits=HostingLimits.patient() if waits else None)
    for car_id, post in posts.items():
        if post.learned and post.policy in networks:
            engine.assign(car_id, post.policy, shadow=post.shadow if post.shadow in networks else None)
    engine.warm_up(WARM_UP)
    engine.start()
    return engine
