"""`python -m autonomy agent`: the command line of the process on the car."""

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from autonomy.agent.config import BadCar, load_cars
from autonomy.agent.hosting import OpenHost, Wish, posts_of
from autonomy.link.journal import BadJournal
from autonomy.policy.registry import RELEASES, RULES, BadPolicy, Share, parse_shares

if TYPE_CHECKING:
    from autonomy.agent.driver import Learned
    from autonomy.agent.loop import Agent
    from autonomy.sim.world import World

TRAFFIC = ("vehicles", "pedestrians", "cyclists", "parked")
DESCRIPTION = """Drives one or many cars: takes missions over the link, drives them, reports back.

Each car is a folder in --cars with car.json (vehicle_id, platform, fleet_key, start; optional: policy, shadow) and
key.pem (its Ed25519 key); `manage.py provision_cars` writes them. The agent adds journal.db there: what the car was
doing, and what it still has to tell the platform.
Kill the agent at any time: started again, every car goes on from its journal."""
EPILOG = """Ends clean on SIGTERM and Ctrl-C. Exit status: 0 stopped; 1 something broke; 2 a car, a journal or
the map can't be used.

example: python -m autonomy agent --server ws://127.0.0.1:8001/ws/vehicle --cars var/cars --map var/maps/current.npz"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", required=True, metavar="URL", help="the platform's vehicle socket, ws:// or wss://")
    parser.add_argument("--cars", required=True, type=Path, metavar="DIR", help="folder with one folder per car")
    parser.add_argument("--map", required=True, type=Path, metavar="FILE", help="map exported by the platform (.npz)")
    parser.add_argument(
        "--odd",
        type=Path,
        metavar="FILE",
        help="operational design domain exported by the platform (default: odd.json beside the map)",
    )
    parser.add_argument(
        "--policy",
        "--policies",
        type=_shares,
        default="rules",
        metavar="NAMES",
        help='what drives: "rules", a release, or shares: "vla-2.0:12,rules" gives twelve cars to a release and the '
        "others to rules; a policy in car.json goes before (default: %(default)s)",
    )
    parser.add_argument(
        "--shadow",
        metavar="RELEASE",
        help="a release that rides along, without driving, in every car that a release drives",
    )
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, metavar="DIR", help="folder of releases (default: the shipped ones)"
    )
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="of the networks (default: cpu)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the networks on a CPU (default: 1)")
    parser.add_argument(
        "--traffic",
        type=_traffic,
        default=(0, 0, 0, 0),
        metavar="N[,N[,N[,N]]]",
        help="others in the cars' world: vehicles, pedestrians, cyclists, parked cars (default: none)",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="DIR",
        help="keep tapes there: what happened, with pictures around it (default: nothing is kept)",
    )
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="write Prometheus' text format there now and then")
    parser.add_argument(
        "--time-factor",
        type=_factor,
        default=1.0,
        metavar="X",
        help="world seconds per second, for proofs; the link's times stay real (default: 1)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of signal timing in the world (default: 0)")
    parser.add_argument(
        "--log-level", default="info", choices=("debug", "info", "warning", "error"), help="default: %(default)s"
    )


def run(options: argparse.Namespace, open_host: OpenHost | None = None) -> int:
    """Exit status of the process. `open_host`: opens the releases that drive; None: there are none here."""
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("websockets").setLevel(logging.WARNING)
    log = logging.getLogger("hansom.agent")
    with ExitStack() as stack:
        try:
            agent = _build(options, open_host, stack)
        except (BadCar, BadJournal, BadPolicy, ValueError) as error:
            log.error("%s", error)
            return 2
        try:
            asyncio.run(_run(agent))
        except Exception:
            log.exception("the agent broke; started again, the cars go on from their journals")
            return 1
    return 0


async def _run(agent: "Agent") -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await agent.run(stop)


def _build(options: argparse.Namespace, open_host: OpenHost | None, stack: ExitStack) -> "Agent":
    # Imported here: reading the map needs numpy and scipy, and --help shall not wait for them.
    from autonomy.agent.loop import Agent, AgentSettings
    from autonomy.agent.map_facts import MapFacts
    from autonomy.agent.odd_watch import OddWatch
    from autonomy.policy.rules import RulesPolicy
    from autonomy.safety.layer import Safety
    from autonomy.sim.population import populate
    from autonomy.sim.roads import RoadMap
    from autonomy.sim.world import World

    configs = load_cars(options.cars)
    # Faster than time the world waits for its drivers: their clock is not its own.
    waits = options.time_factor > 1.0
    posts = posts_of(configs, options.policy, shadow=options.shadow, releases=options.releases)
    wish = Wish(posts, options.releases, options.device, options.threads, waits)
    road_map = RoadMap.load(options.map)
    settings = AgentSettings(url=options.server, time_factor=options.time_factor, metrics=options.metrics)
    world, facts = World(road_map, seed=options.seed), MapFacts(road_map)
    recorder = None
    if options.record is not None:
        from autonomy.record.recorder import Recorder

        drivers = {car_id: post.policy for car_id, post in posts.items()}
        recorder = Recorder(
            options.record,
            map_digest=world.map_digest,
            release_of=lambda car_id: drivers.get(car_id, RULES),
            seed=options.seed,
        )
        stack.callback(recorder.close)
    agent = Agent(
        settings,
        configs,
        world,
        roads=facts,
        policy=RulesPolicy(),
        safety=Safety(),
        learned=_learned(wish, world, open_host),
        odd=OddWatch(options.odd or options.map.with_name("odd.json"), facts),
        recorder=recorder,
    )
    # After the fleet's own cars, so that nobody stands where one of them goes on from its journal.
    if any(options.traffic):
        populate(world, seed=options.seed, **dict(zip(TRAFFIC, options.traffic, strict=True)))
    return agent


def _learned(wish: Wish, world: "World", open_host: OpenHost | None) -> "Learned | None":
    """The learned part of driving: None if rules drive every car."""
    if not any(post.learned for post in wish.posts.values()):
        return None
    if open_host is None:
        raise BadPolicy("policy: this process can't open releases")
    from autonomy.agent.driver import Learned
    from autonomy.agent.eyes import Camerawork, Eyes

    return Learned(open_host(wish), Eyes(world.scene, Camerawork(world)), wish.posts, wish.waits)


def _shares(text: str) -> tuple[Share, ...]:
    try:
        return parse_shares(text)
    except BadPolicy as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _traffic(text: str) -> tuple[int, int, int, int]:
    parts = text.split(",")
    if len(parts) > 4 or not all(part.strip().isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not one to four numbers with commas between")
    counts = [int(part) for part in parts] + [0] * (4 - len(parts))
    return counts[0], counts[1], counts[2], counts[3]


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.0 < factor <= 100.0:
        raise argparse.ArgumentTypeError("must be above 0 and at most 100")
    return factor
