"""What the process asks of whoever opens releases, and the posts of its cars. The process itself knows no network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autonomy.agent.config import BadCar, CarConfig
from autonomy.policy.host import Host
from autonomy.policy.registry import RELEASES, RULES, BadPolicy, Post, Share, posts, release_folder


@dataclass(frozen=True)
class Wish:
    """posts: what drives each car; releases: the folder that they lie in; device: "cpu" or "cuda"; threads: of the
    network on a CPU; waits: answers are fetched by a world that waits for them."""

    posts: Mapping[str, Post]
    releases: Path = RELEASES
    device: str = "cpu"
    threads: int = 1
    waits: bool = False


OpenHost = Callable[[Wish], Host]


def posts_of(
    configs: Sequence[CarConfig], shares: Sequence[Share], *, shadow: str | None, releases: Path
) -> dict[str, Post]:
    """What drives each car: its own `car.json` first, else the shares. Raises BadCar and BadPolicy, also for a release
    that is not in the folder."""
    own = {config.vehicle_id: _own(config) for config in configs if config.file.policy}
    given = posts([config.vehicle_id for config in configs], shares, own)
    if shadow is not None:
        given = {
            car_id: Post(post.policy, shadow) if post.learned and post.shadow is None else post
            for car_id, post in given.items()
        }
    for name in sorted({post.policy for post in given.values()} | {post.shadow or RULES for post in given.values()}):
        if name != RULES:
            release_folder(name, releases)
    return given


def _own(config: CarConfig) -> Post:
    if config.file.policy == RULES and config.file.shadow:
        raise BadCar(f"{config.folder / 'car.json'}: shadow: a car on {RULES} has no pictures for {config.file.shadow}")
    return Post(config.file.policy, config.file.shadow or None)


__all__ = ["BadPolicy", "OpenHost", "Wish", "posts_of"]
