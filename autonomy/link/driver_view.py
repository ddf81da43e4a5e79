"""What a driver shows to a person who looks through its cameras: the body of a `DriverReport` frame.

It is read apart from its frame and only while somebody looks, so that a report that can't be read costs the picture
and never the link. Places are in the car's own frame: metres ahead of the rear axle, metres to the left of it.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw, Struct

from autonomy.link.codec import BadFrame, all_finite
from autonomy.link.messages import MAX_FRAME_BYTES, Ms, ShortText

FRAME_ROOM: Final = 64  # what the frame around the body takes of MAX_FRAME_BYTES
MAX_PICTURE_BYTES: Final = 24_000
MAX_PICTURES_BYTES: Final = 40_000

Near = Annotated[float, Meta(ge=-1000, le=1000)]  # metres
Size = Annotated[float, Meta(ge=0, le=50)]  # metres
Speed = Annotated[float, Meta(ge=-20, le=100)]  # m/s
Angle = Annotated[float, Meta(ge=-7, le=7)]  # radians, counter-clockwise
Millis = Annotated[float, Meta(ge=0, le=3_600_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Word = Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9._ -]*$")]
Sentence = Annotated[str, Meta(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Picture(Struct, frozen=True, kw_only=True):
    """One camera's picture: a JPEG (base64 on the wire)."""

    camera: Word
    jpeg: Annotated[bytes, Meta(min_length=4, max_length=MAX_PICTURE_BYTES)]


class OtherPlan(Struct, frozen=True, kw_only=True):
    """A way that the driver weighed and does not drive. points: (m ahead, m left)."""

    weight: Share
    points: Annotated[list[tuple[Near, Near]], Meta(max_length=40)]


class Thing(Struct, frozen=True, kw_only=True):
    """A body near the car as its object sensing knows it; the place is that of the body's middle."""

    kind: Word
    ahead_m: Near
    left_m: Near
    heading_rad: Angle = 0.0  # against the car's own heading
    length_m: Size = 1.0
    width_m: Size = 1.0


class DriverView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision of the driver with what it saw.

    plan: what is driven, (m ahead, m left, m/s) every `plan_step_s`, at most 40; route: the navigation's line.
    latency_ms: from pixels to trajectory; taken_ms: when the pictures were taken, in the platform's time.
    uncertainty: 0 (sure) to 1; ood: 1 at the calibrated limit; both None where the driver estimates none;
    safety: what the safety layer does with the plan.
    cause: the driver's own reason as a word (`Cause`), explanation: in words; help: its question to a person;
    refuses: why it does not do what `instruction` asks. shadow: the release that rides along without driving.
    """

    taken_ms: Ms
    release: ShortText
    pictures: Annotated[list[Picture], Meta(max_length=8)] = []
    plan: Annotated[list[tuple[Near, Near, Speed]], Meta(max_length=40)] = []
    plan_step_s: Annotated[float, Meta(gt=0, le=10)] = 0.2
    alternatives: Annotated[list[OtherPlan], Meta(max_length=8)] = []
    route: Annotated[list[tuple[Near, Near]], Meta(max_length=60)] = []
    things: Annotated[list[Thing], Meta(max_length=32)] = []
    speed_mps: Speed = 0.0
    length_m: Size = 4.8
    width_m: Size = 1.9
    front_m: Size = 3.8  # rear axle to front bumper
    latency_ms: Millis = 0.0
    latency_p99_ms: Millis = 0.0
    deadline_ms: Millis = 0.0
    missed: Annotated[int, Meta(ge=0, le=2**53)] = 0  # deadlines since the car's start
    uncertainty: Share | None = None
    uncertainty_limit: Share = 1.0  # calibrated: above it the safety layer steps in
    ood: Annotated[float, Meta(ge=0, le=1e6)] | None = None
    cause: Word = ""
    explanation: Sentence = ""
    instruction: Sentence = ""
    help: Sentence = ""
    refuses: Sentence = ""
    safety: Sentence = ""
    shadow: ShortText = ""
    shadow_apart_m: Near = 0.0  # greatest distance between the shadow's plan and the one driven


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(DriverView).decode


def encode_view(view: DriverView) -> Raw:
    """The body of a frame; raises `BadFrame` for what the other side would refuse (size, range, not finite)."""
    data = _encode(view)
    if b"null" in data and not all_finite(view):
        raise BadFrame("not_finite", "the driver's report holds a number that is not finite")
    if len(data) + FRAME_ROOM > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large", f"{len(data)} bytes of a driver's report, at most {MAX_FRAME_BYTES}")
    decode_view(data)
    return Raw(data)


def decode_view(body: Raw | bytes) -> DriverView:
    """What a car shows; raises `BadFrame` naming the field."""
    try:
        view = _decode(body)
    except msgspec.ValidationError as error:
        raise BadFrame("bad_frame", str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadFrame("bad_json", str(error)) from error
    total = sum(len(picture.jpeg) for picture in view.pictures)
    if total > MAX_PICTURES_BYTES:
        raise BadFrame("frame_too_large", f"pictures: {total} bytes, at most {MAX_PICTURES_BYTES}")
    return view
