"""One picture of a film: what the cameras see, the plan from above, what the driver says."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from autonomy.film.above import Above
from autonomy.world.action import Action
from autonomy.world.observation import Observation
from autonomy.world.scene import Scene

WIDTH, TEXT_HEIGHT = 512, 46
NAMES = (("far", (4, 2)), ("wide", (260, 2)), ("left", (4, 130)), ("right", (132, 130)), ("rear", (4, 194)))
INK, PAPER, DIM = (238, 240, 244), (16, 19, 26), (150, 158, 170)


def compose(above: Above, scene: Scene, seen: Observation, action: Action | None, *, driver: str) -> Image.Image:
    """512 x 302 pixels. `seen` must have frames of the five cameras of `CAMERA_NAMES`; driver: a line or two."""
    if seen.frames is None:
        raise ValueError("seen: it has no pictures")
    picture = Image.new("RGB", (WIDTH, 256 + TEXT_HEIGHT), PAPER)
    by_name = dict(zip(seen.frames.names, seen.frames.pixels, strict=True))
    picture.paste(_enlarged(by_name["front_narrow"], 2), (0, 0))
    picture.paste(_enlarged(by_name["front_wide"], 2), (256, 0))
    picture.paste(_enlarged(by_name["left"], 1), (0, 128))
    picture.paste(_enlarged(by_name["right"], 1), (128, 128))
    picture.paste(_enlarged(by_name["rear"], 1), (0, 192))
    picture.paste(above.draw(scene, action), (256, 128))
    pen = ImageDraw.Draw(picture)
    for name, at in NAMES:
        pen.text(at, name, fill=INK, font=_font(9), stroke_width=1, stroke_fill=(0, 0, 0))
    pen.text((136, 196), f"{seen.ego.speed_mps * 3.6:.0f} km/h", fill=INK, font=_font(20))
    pen.text((212, 203), f"{seen.time_s:.1f} s", fill=DIM, font=_font(11))
    pen.multiline_text((136, 223), driver, fill=DIM, font=_font(10), spacing=3)
    if seen.instruction:
        pen.text((6, 258), f"asked: “{seen.instruction}”", fill=(255, 214, 120), font=_font(13))
    if action is not None:
        said = action.help or action.refuses or action.explanation or action.intent
        pen.text((6, 278), said, fill=INK, font=_font(15))
    return picture


def _enlarged(pixels: NDArray[np.uint8], times: int) -> Image.Image:
    """u1[3, H, W] as a picture of `times` its size, whole pixels."""
    plain = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    return plain.resize((plain.width * times, plain.height * times), Image.Resampling.NEAREST)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
