"""What a person sees who looks through a car's cameras: the newest view of its driver as a message.

Places in it are in the car's frame: metres ahead of the rear axle, metres to the left of it.
"""

import io
import re
from math import atan2, cos, hypot, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autonomy.agent.driver import Latest
from autonomy.link.driver_view import MAX_PICTURE_BYTES, MAX_PICTURES_BYTES, DriverView, OtherPlan, Picture, Thing
from autonomy.policy.host import Punctuality
from autonomy.world.action import ACTION_STEP_S, Action
from autonomy.world.observation import PATH_POINTS, PATH_SPACING_M, CameraFrames, Hazard, Observation

F8 = NDArray[np.float64]
FAR_M = 1000.0
QUALITIES = (75, 55, 35)
MOST_ALTERNATIVES = 5
MOST_THINGS = 32
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f]+")


def driver_view(
    latest: Latest,
    *,
    release: str,
    frames: CameraFrames | None,
    length_m: float,
    safety: str = "",
    punctuality: Punctuality | None = None,
    uncertainty_limit: float = 1.0,
    shadow: str = "",
    shadow_apart_m: float = 0.0,
) -> DriverView:
    """The message; the link fills in `taken_ms`. `frames`: the pictures that the plan answers, None: it has no eyes."""
    seen = latest.answer.seen if latest.answer else latest.seen
    ego, action, now = seen.ego, latest.action, latest.seen.ego
    plan = _in_car(latest.driven.trajectory, now.x_m, now.y_m, now.heading_rad)
    return DriverView(
        taken_ms=0,
        release=sentence(release, 200),
        pictures=pictures(frames) if frames is not None else [],
        plan=[(_near(x), _near(y), _clip(v, -20, 100)) for x, y, _, v in plan.tolist()],
        plan_step_s=ACTION_STEP_S,
        alternatives=_alternatives(action, now.x_m, now.y_m, now.heading_rad) if action else [],
        route=[(_near(x), _near(y)) for x, y in seen.route.tolist()],
        things=[_thing(hazard, latest.seen) for hazard in latest.seen.hazards[:MOST_THINGS]],
        speed_mps=_clip(now.speed_mps, -20, 100),
        length_m=length_m,
        width_m=ego.width_m,
        front_m=ego.front_m,
        latency_ms=_clip(1000 * latest.answer.latency_s, 0, 3_600_000) if latest.answer else 0.0,
        latency_p99_ms=punctuality.latency_p99_ms if punctuality else 0.0,
        deadline_ms=punctuality.deadline_ms if punctuality else 0.0,
        missed=punctuality.missed if punctuality else 0,
        uncertainty=_clip(action.uncertainty, 0, 1) if action and latest.answer else None,
        uncertainty_limit=_clip(uncertainty_limit, 0, 1),
        ood=_clip(action.ood, 0, 1e6) if action and latest.answer else None,
        cause=re.sub(r"[^A-Za-z0-9._ -]", "", action.cause)[:40] if action else "",
        explanation=sentence(action.explanation or action.intent) if action else "",
        instruction=sentence(latest.seen.instruction),
        help=sentence(action.help or "") if action else "",
        refuses=sentence(action.refuses or "") if action else "",
        safety=sentence(safety),
        shadow=sentence(shadow, 200),
        shadow_apart_m=_near(shadow_apart_m),
    )


def pictures(frames: CameraFrames) -> list[Picture]:
    """JPEGs of all cameras, as good as the message has room for; cameras that find none are left out."""
    for quality in QUALITIES:
        made = [
            Picture(camera=name, jpeg=_jpeg(pixels, quality))
            for name, pixels in zip(frames.names, frames.pixels, strict=True)
        ]
        sizes = [len(picture.jpeg) for picture in made]
        if max(sizes, default=0) <= MAX_PICTURE_BYTES and sum(sizes) <= MAX_PICTURES_BYTES:
            return made
    return []


def sentence(text: str, most: int = 400) -> str:
    """Text without control characters, no longer than a message may hold."""
    return _UNSPEAKABLE.sub(" ", text).strip()[:most]


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """pixels: uint8 [3, H, W]."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _alternatives(action: Action, x: float, y: float, heading: float) -> list[OtherPlan]:
    order = np.argsort(-action.alternative_weights)[:MOST_ALTERNATIVES]
    plans = [(float(action.alternative_weights[k]), _in_car(action.alternatives[k], x, y, heading)) for k in order]
    return [
        OtherPlan(weight=_clip(weight, 0, 1), points=[(_near(px), _near(py)) for px, py, *_ in plan.tolist()])
        for weight, plan in plans
        if np.isfinite(plan).all()
    ]


def _in_car(rows: F8, x: float, y: float, heading: float) -> F8:
    """f8[T, 4] in the frame of a car at this pose; numbers that are none become 0."""
    dx, dy = rows[:, 0] - x, rows[:, 1] - y
    c, s = cos(heading), sin(heading)
    turned = np.column_stack([dx * c + dy * s, dy * c - dx * s, rows[:, 2] - heading, rows[:, 3]])
    return np.nan_to_num(turned, nan=0.0, posinf=FAR_M, neginf=-FAR_M)


def _thing(hazard: Hazard, seen: Observation) -> Thing:
    """The hazard's place along the path, as a place in the car's frame."""
    ego = seen.ego
    along = ego.front_m + hazard.ahead_m + hazard.length_m / 2
    row = min(max(int(along / PATH_SPACING_M), 0), PATH_POINTS - 1)
    path_x, path_y, path_heading = (float(value) for value in seen.path[row, :3])
    rest = along - row * PATH_SPACING_M if row < PATH_POINTS - 1 else 0.0
    x = path_x + rest * cos(path_heading) - hazard.left_m * sin(path_heading)
    y = path_y + rest * sin(path_heading) + hazard.left_m * cos(path_heading)
    moves = hypot(hazard.along_mps, hazard.across_mps) > 0.3
    heading = path_heading + (atan2(hazard.across_mps, hazard.along_mps) if moves else 0.0)
    ahead, left, turned, _ = _in_car(np.array([[x, y, heading, 0.0]]), ego.x_m, ego.y_m, ego.heading_rad)[0].tolist()
    return Thing(
        kind=hazard.kind.value,
        ahead_m=_near(ahead),
        left_m=_near(left),
        heading_rad=atan2(sin(turned), cos(turned)),
        length_m=_clip(hazard.length_m, 0, 50),
        width_m=_clip(hazard.width_m, 0, 50),
    )


def _clip(value: float, low: float, high: float) -> float:
    """Within the bounds; what is not a number is the lower one."""
    return round(min(max(float(value), low), high), 3) if value == value else low  # noqa: PLR0124 - NaN differs from itself


def _near(value: float) -> float:
    return _clip(value, -FAR_M, FAR_M)
