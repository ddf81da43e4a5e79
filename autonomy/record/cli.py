"""`python -m autonomy record`, `replay`, `mine`: drives on tape, driven again, and what is hard in them."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from autonomy.policy.base import Policy
from autonomy.record.mine import Case, mine
from autonomy.record.replay import Comparison, replay
from autonomy.record.retention import Retention, sweep
from autonomy.record.tape import BadTape, tapes

RECORD = """Drive cars over a map with a policy and keep everything: pictures, answers, what was driven."""
REPLAY = """Show a tape's pictures to a policy again and compare its answers with those on the tape, to the last bit.

Exit status: 0 all the same; 1 something differs; 2 the tape or the policy can't be used."""
MINE = """List hard cases on tapes, the hardest first; with --lessons also write them as a training shard, relabelled by
the teacher (then `python -m autonomy train` learns from it)."""
Opener = Callable[[str], Policy]


def add_record_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--map", type=Path, required=True, metavar="FILE", help="map (.npz)")
    parser.add_argument("--policy", default="rules", help="rules or a release (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("var/tapes"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--cars", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="of world time (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)


def add_replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tape", type=Path, nargs="+")
    parser.add_argument("--policy", default=None, help="another than the one on the tape")


def add_mine_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", default=Path("var/tapes"), help="default: %(default)s")
    parser.add_argument("--judge", default=None, help="a policy that says what it would have done: rules or a release")
    parser.add_argument("--top", type=int, default=20, help="how many to list (default: %(default)s)")
    parser.add_argument("--lessons", type=Path, default=None, metavar="DIR", help="write the listed ones as a shard")
    parser.add_argument("--keep-days", type=float, default=None, help="first delete tapes older than this")
    parser.add_argument("--keep-gigabytes", type=float, default=20.0, help="with --keep-days: and what exceeds this")


def run_record(options: argparse.Namespace, open_policy: Opener) -> int:
    from tqdm import tqdm

    from autonomy.record.course import course
    from autonomy.record.drives import drive
    from autonomy.record.recorder import Recorder

    if options.cars < 1 or not 0 < options.seconds <= 86_400:
        return _bad("cars, seconds: must be above 0, seconds at most a day")
    try:
        errands = course(options.map, cars=options.cars, seed=options.seed)
        policy = open_policy(options.policy)
    except ValueError as error:
        return _bad(str(error))
    recorder = Recorder(
        options.out,
        map_digest=errands.world.map_digest,
        release_of=lambda car_id: policy.name,
        everything=True,
        seed=options.seed,
    )
    try:
        with tqdm(total=options.seconds, unit="s", desc="driven") as bar:
            drive(errands, policy, recorder, seconds=options.seconds, progress=bar.update)
    finally:
        recorder.close()
    print(f"{len(errands.ids)} tapes under {options.out}")
    return 0


def run_replay(options: argparse.Namespace, open_policy: Opener) -> int:
    from autonomy.record.tape import Tape

    worst = 0
    for path in options.tape:
        try:
            name = options.policy or Tape(path).head.release.split("/")[0] or "rules"
            told = replay(path, open_policy(name))
        except (BadTape, OSError, ValueError) as error:
            return _bad(str(error))
        print(f"{path}: {in_words(told)}")
        worst = max(worst, 0 if told.exact else 1)
    return worst


def in_words(told: Comparison) -> str:
    if told.looks == 0:
        return f"nothing to compare ({told.cold} looks only warm the memory up)"
    if told.exact:
        return f"{told.looks} answers, all the same to the last bit"
    at = f", first at {told.first_other_s:.1f} s" if told.first_other_s is not None else ""
    return f"{told.looks - told.same} of {told.looks} answers differ, by up to {told.apart_m:.3g} m{at}"


def run_mine(options: argparse.Namespace, open_policy: Opener, learn: Callable[[list[Case], Path], int]) -> int:
    if not options.folder.is_dir():
        return _bad(f"folder: {options.folder} is not there")
    try:
        if options.keep_days is not None:
            gone = sweep(options.folder, Retention(options.keep_days, options.keep_gigabytes))
            print(f"{len(gone)} tapes deleted")
        judge = None if options.judge is None else open_policy(options.judge).act
    except ValueError as error:
        return _bad(str(error))
    cases, wrong = mine(tapes(options.folder), judge)
    for line in wrong:
        print(line, file=sys.stderr)
    listed = cases[: options.top]
    if not listed:
        print("no hard cases on these tapes")
        return 0
    for case in listed:
        print(_line(case))
    if options.lessons is None:
        return 0
    try:
        count = learn(listed, options.lessons)
    except ValueError as error:
        return _bad(str(error))
    print(f"{count} pictures in {options.lessons}")
    return 0


def _line(case: Case) -> str:
    reasons = "; ".join(case.reasons[:3]) + (" …" if len(case.reasons) > 3 else "")
    return f"{case.score:6.1f}  {case.tape}  {case.from_s:.1f}-{case.to_s:.1f} s  {reasons}"


def _bad(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
