"""`python -m autonomy COMMAND`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autonomy.agent import cli as agent
from autonomy.agent.hosting import Wish
from autonomy.film import cli as film
from autonomy.policy.base import Policy
from autonomy.policy.host import Host
from autonomy.record import cli as record
from autonomy.train import cli as training

if TYPE_CHECKING:
    from autonomy.record.mine import Case


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m autonomy", description="The car's side of Hansom.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    agent_parser = commands.add_parser(
        "agent",
        help="drive one or many cars",
        description=agent.DESCRIPTION,
        epilog=agent.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    agent.add_arguments(agent_parser)
    agent_parser.set_defaults(run=lambda options: agent.run(options, open_host))
    train_parser = commands.add_parser(
        "train",
        help="make a release of the driver",
        description=training.DESCRIPTION,
        epilog=training.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    training.add_train_arguments(train_parser)
    train_parser.set_defaults(run=training.run_train)
    evaluate_parser = commands.add_parser("evaluate", help="score a release", description=training.EVALUATE)
    training.add_evaluate_arguments(evaluate_parser)
    evaluate_parser.set_defaults(run=training.run_evaluate)
    film_parser = commands.add_parser(
        "film",
        help="a GIF of a drive",
        description=film.DESCRIPTION,
        epilog=film.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    film.add_arguments(film_parser)
    film_parser.set_defaults(run=lambda options: film.run(options, open_policy))
    _add_record_commands(commands)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def _add_record_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    record_parser = commands.add_parser("record", help="drives on tape", description=record.RECORD)
    record.add_record_arguments(record_parser)
    record_parser.set_defaults(run=lambda options: record.run_record(options, open_policy))
    replay_parser = commands.add_parser("replay", help="a tape driven again, bit for bit", description=record.REPLAY)
    record.add_replay_arguments(replay_parser)
    replay_parser.set_defaults(run=lambda options: record.run_replay(options, open_policy))
    mine_parser = commands.add_parser("mine", help="hard cases on tapes", description=record.MINE)
    record.add_mine_arguments(mine_parser)
    mine_parser.set_defaults(run=lambda options: record.run_mine(options, open_policy, learn_from))


def learn_from(cases: list["Case"], out: Path) -> int:
    """Hard cases as a training shard; the number of pictures in it. Raises ValueError when there are none."""
    from autonomy.train.lessons import lessons

    return lessons(cases, out)


def open_policy(name: str) -> Policy:
    """`rules` or a release by name, for a drive without an agent. Raises ValueError for a name that is not known."""
    from autonomy.policy.registry import RULES

    if name == RULES:
        from autonomy.policy.rules import RulesPolicy

        return RulesPolicy()
    from autonomy.policy.vla import load_policy

    return load_policy(name)


def open_host(wish: Wish) -> Host:
    """The engine of the process on the car. Only here do car and network meet, and only if a release drives."""
    from autonomy.hosting.opening import open_engine
    from autonomy.policy.vla import load_network, use_threads

    use_threads(wish.threads)
    return open_engine(wish.posts, releases=wish.releases, load=load_network, device=wish.device, waits=wish.waits)


if __name__ == "__main__":
    sys.exit(main())
