"""`python -m autonomy film`: a GIF of a drive with cameras, plan from above and explanation."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from autonomy.film.above import OTHERS, PLAN, SIGNALS
from autonomy.film.sheet import INK, PAPER
from autonomy.film.shoot import scenario_take, shoot, town_take
from autonomy.policy.base import Policy
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import all_scenarios

DESCRIPTION = """Film a drive: what the five cameras see, the road from above with the plan, and what the driver says.

SCENARIO is one of the scenarios (`--list` names them), or `town` for a drive through the town with others about."""
EPILOG = """examples:
  python -m autonomy film zebra --map var/training/maps/heldout/town-600.npz
  python -m autonomy film order_pass_truck --policy vla-2.0 --map var/training/maps/heldout/town-600.npz --out film.gif
"""
COLOURS = 80
FPS = (10.0, 5.0, 2.5, 2.0)
SKIN, VEST, BUS = (206, 160, 130), (222, 236, 40), (250, 186, 24)
LAMPS = ((255, 28, 20), (255, 176, 10), (20, 242, 120), (200, 30, 26), (70, 120, 255))
KEPT = (PLAN, OTHERS, INK, PAPER, SKIN, VEST, BUS, *LAMPS, *SIGNALS.values())
Opens = Callable[[str], Policy]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--map", type=Path, help="a road map (`make maps` writes some)")
    parser.add_argument("--policy", default="rules", help="rules (default), or the name of a release")
    parser.add_argument("--platform", default="p7", choices=sorted(PLATFORMS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=15.0, help="at most so long (default 15)")
    parser.add_argument("--start", type=float, default=0.0, help="leave out the first seconds")
    parser.add_argument("--fps", type=float, default=5.0, choices=FPS, help="pictures a second (default 5)")
    parser.add_argument("--out", type=Path, default=None, help="default SCENARIO.gif")


def run(options: argparse.Namespace, open_policy: Opens) -> int:
    names = [scenario.name for scenario in all_scenarios()]
    if options.list:
        sys.stdout.write("\n".join(["town", *names]) + "\n")
        return 0
    try:
        return _film(options, open_policy)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"film: {error}\n")
        return 2


def _film(options: argparse.Namespace, open_policy: Opens) -> int:
    if options.scenario is None or options.map is None:
        raise ValueError("say which SCENARIO and --map (or --list)")
    if not 0.0 <= options.start < options.seconds <= 600.0:
        raise ValueError("--seconds: must be above --start and at most 600")
    road_map = RoadMap.load(options.map)
    make = {"seed": options.seed, "platform": options.platform}
    take = (
        town_take(road_map, **make) if options.scenario == "town" else scenario_take(options.scenario, road_map, **make)
    )
    policy = open_policy(options.policy)
    title = f"{options.scenario}\n{policy.name}, {options.platform}"
    pictures = shoot(take, policy, seconds=options.seconds, fps=options.fps, driver=title)
    bar = tqdm(pictures, total=round(options.seconds * options.fps), unit="picture", disable=None)
    kept = [picture for number, picture in enumerate(bar) if number >= options.start * options.fps]
    if not kept:
        raise ValueError("--start: the drive was over before")
    out = options.out or Path(f"{options.scenario}.gif")
    write_gif(kept, out, options.fps)
    end = "" if take.staged is None or not take.done() else f", {take.staged.outcome}"
    sys.stdout.write(f"{out}: {len(kept)} pictures, {out.stat().st_size // 1024} kB{end}\n")
    return 0


def write_gif(pictures: Sequence[Image.Image], out: Path, fps: float) -> None:
    """Pictures share one palette, so that what stands still costs nothing."""
    palette = _palette(pictures)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    frames[0].save(
        out, save_all=True, append_images=frames[1:], duration=round(1000 / fps), loop=0, optimize=True, disposal=1
    )


def _palette(pictures: Sequence[Image.Image]) -> Image.Image:
    """Colours of six pictures of the film, and those that must stay what they are: lamps, the plan, skin."""
    some = [pictures[k * (len(pictures) - 1) // 5] for k in range(6)]
    width, height = some[0].size
    sheet = Image.new("RGB", (width, height * 6))
    for number, picture in enumerate(some):
        sheet.paste(picture, (0, number * height))
    found = sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(value for colour in KEPT for value in colour), *found[: 3 * COLOURS]])
    return palette
