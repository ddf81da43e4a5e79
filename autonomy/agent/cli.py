"""`python -m autonomy agent`: the command line of the process on the car."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autonomy.agent.config import BadCar, load_cars
from autonomy.link.journal import BadJournal

if TYPE_CHECKING:
    from autonomy.agent.loop import Agent

POLICIES = ("rules",)
DESCRIPTION = """Drives one or many cars: takes missions over the link, drives them, reports back.

Each car is a folder in --cars with car.json (vehicle_id, platform, fleet_key, start) and key.pem (its Ed25519 key);
`manage.py provision_cars` writes them. The agent adds journal.db there: what the car was doing, and what it still has
to tell the platform. Kill the agent at any time: started again, every car goes on from its journal."""
EPILOG = """Ends clean on SIGTERM and Ctrl-C. Exit status: 0 stopped; 1 something broke; 2 a car, a journal or
the map can't be used.

example: python -m autonomy agent --server ws://127.0.0.1:8001/ws/vehicle --cars var/cars --map var/maps/current.npz"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", required=True, metavar="URL", help="the platform's vehicle socket, ws:// or wss://")
    parser.add_argument("--cars", required=True, type=Path, metavar="DIR", help="folder with one folder per car")
    parser.add_argument("--map", required=True, type=Path, metavar="FILE", help="map exported by the platform (.npz)")
    parser.add_argument("--policy", default="rules", choices=POLICIES, help="what drives (default: %(default)s)")
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


def run(options: argparse.Namespace) -> int:
    """Exit status of the process."""
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("websockets").setLevel(logging.WARNING)
    log = logging.getLogger("hansom.agent")
    try:
        agent = _build(options)
    except (BadCar, BadJournal, ValueError) as error:
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


def _build(options: argparse.Namespace) -> "Agent":
    # Imported here: reading the map needs numpy and scipy, and --help shall not wait for them.
    from autonomy.agent.loop import Agent, AgentSettings
    from autonomy.agent.map_facts import MapFacts
    from autonomy.policy.rules import RulesPolicy
    from autonomy.safety.layer import Safety
    from autonomy.sim.roads import RoadMap
    from autonomy.sim.world import World

    configs = load_cars(options.cars)
    road_map = RoadMap.load(options.map)
    settings = AgentSettings(url=options.server, time_factor=options.time_factor)
    world = World(road_map, seed=options.seed)
    return Agent(settings, configs, world, roads=MapFacts(road_map), policy=RulesPolicy(), safety=Safety())


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.0 < factor <= 100.0:
        raise argparse.ArgumentTypeError("must be above 0 and at most 100")
    return factor
