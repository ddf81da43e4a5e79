"""`python -m autonomy train`: data, learning, release; and `python -m autonomy evaluate`: scores of a release."""

import argparse
import sys
import time
from pathlib import Path

from autonomy.train.rounds import Mixture

DESCRIPTION = """Make a release of the driver: collect drives, learn from them, correct, measure, write the weights.

Whatever was begun goes on: finished shards are not made again, learning goes on from its checkpoint."""
EPILOG = """examples:
  python -m autonomy train                                the release that is shipped, all rounds, a few hours
  python -m autonomy train --minutes 30 --pictures 20000  a smaller one
  python -m autonomy train --stage collect --round 0      data only
  python -m autonomy train --stage learn --follow         learning beside a collection that is still running
"""
EVALUATE = """Drive routes on maps that were held out, in closed loop, and say how it went, with intervals."""
ROOT = Path("var/training")


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="vla-2.0", choices=("vla-2.0", "vla-1.0"))
    parser.add_argument("--stage", default="all", choices=("all", "collect", "learn", "release"))
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="shards, in train/ and val/")
    parser.add_argument("--maps", type=Path, default=ROOT / "maps" / "train", help="folder of maps (`make maps`)")
    parser.add_argument(
        "--run", dest="run_folder", type=Path, default=None, help="checkpoints and curve (var/training/runs/MODEL)"
    )
    parser.add_argument("--publish", type=Path, default=None, help="also write the release to this folder")
    parser.add_argument("--minutes", type=float, default=None, help="time for learning, all rounds together")
    parser.add_argument("--updates", type=int, default=None, help="updates, all rounds together")
    parser.add_argument("--rounds", type=int, default=4, help="rounds in which the learned driver drives (DAgger)")
    parser.add_argument("--round", type=int, default=0, help="with --stage collect: which round")
    parser.add_argument("--pictures", type=int, default=40_000, help="pictures of the teacher's round")
    parser.add_argument("--round-pictures", type=int, default=12_000, help="pictures of each later round")
    parser.add_argument("--shard-pictures", type=int, default=1_600)
    parser.add_argument("--cars", type=int, default=20, help="cars in a world")
    parser.add_argument("--mixture", default=None, help="plain,scenario,order,limit: parts, as 60,20,15,5")
    parser.add_argument("--driver", type=Path, default=None, help="with --stage collect: the release that drives")
    parser.add_argument("--peak", type=float, default=7e-4, help="learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes that collect")
    parser.add_argument("--threads", type=int, default=2, help="threads that learn")
    parser.add_argument("--calibration", type=int, default=16, help="batches of held-out clips to calibrate with")
    parser.add_argument("--follow", action="store_true", help="wait for shards that are still being made")


def mixture_of(text: str | None) -> Mixture:
    """Raises ValueError unless there are four parts that are not all 0."""
    if text is None:
        return Mixture()
    try:
        parts = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(f"mixture: {text!r} is not a list of numbers") from error
    if len(parts) != 4 or min(parts) < 0 or sum(parts) <= 0:
        raise ValueError(f"mixture: {text!r} must be four parts of 0 or more, not all 0")
    return Mixture(*parts)


def say(text: str) -> None:
    """A line of progress with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()


def run_train(options: argparse.Namespace) -> int:
    """Exit status: 0 done, 2 bad input."""
    try:
        mixture = mixture_of(options.mixture)
        from autonomy.train import whole  # torch, numba and the maps are loaded only when they are needed

        whole.train(options, mixture, say)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", help="a release (vla-2.0), a folder with one, or rules")
    parser.add_argument("--maps", type=Path, default=ROOT / "maps" / "heldout", help="folder or map")
    parser.add_argument("--routes", type=int, default=24, help="routes on each map")
    parser.add_argument("--cars", type=int, default=12, help="cars in a world")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-safety", action="store_true", help="without the safety layer")
    parser.add_argument("--minutes", type=float, default=None, help="stop starting new worlds after so long")
    parser.add_argument("--json", type=Path, default=None, help="write the scores here too")


def run_evaluate(options: argparse.Namespace) -> int:
    """Exit status: 0 done, 2 bad input."""
    try:
        from autonomy.train import evaluate

        evaluate.main(options, say)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
