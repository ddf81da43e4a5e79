"""`python -m autonomy COMMAND`."""

import argparse
import sys
from collections.abc import Sequence

from autonomy.agent import cli as agent


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
    agent_parser.set_defaults(run=agent.run)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
