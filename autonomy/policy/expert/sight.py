"""How well the car sees: slower in fog and dark, a safe stop and a question where it can't see enough or a camera is
out."""

from autonomy.policy.expert.duties import rest_in_lane
from autonomy.policy.expert.judgement import Judgement
from autonomy.world.observation import Cause, Observation
from autonomy.world.orders import OrderKind
from autonomy.world.scene import LensFault

FOG_STOP_M = 60.0
RAIN_STOP = 0.85
DARK_RAD = -0.105
HEAD_LIGHTS_M = 60.0
FRONT = ("front_narrow", "front_wide")
DEAD = frozenset({LensFault.BLACK, LensFault.FROZEN, LensFault.SWAPPED})
BAD_LEVEL = 0.6
CARE_MPS = 6.0
LED_MPS = 3.0


def sight_m(seen: Observation) -> float:
    """How far the road can be seen, m: fog, rain, and head lights alone where a night has no street lights."""
    weather = seen.weather
    seen_m = weather.visibility_m * (1.0 - 0.3 * min(weather.rain, 1.0))
    if weather.sun_elevation_rad < DARK_RAD and not weather.street_lights:
        seen_m = min(seen_m, HEAD_LIGHTS_M)
    return seen_m


def look(seen: Observation, judged: Judgement) -> None:
    """Caps and stops for what the car can't see. Told to go on, it creeps in fog; with a dead front camera it stays."""
    far = sight_m(seen)
    safe = -4.5 + (20.25 + 4.2 * far) ** 0.5  # v * 1.5 s + v² / (2 * 3 m/s²) = 0.7 of the sight
    judged.slow(Cause.LOW_VISIBILITY, max(safe, LED_MPS))
    weather = seen.weather
    unlit = weather.sun_elevation_rad < DARK_RAD and not weather.street_lights
    if weather.visibility_m < FOG_STOP_M or weather.rain > RAIN_STOP or unlit:
        if seen.order is not None and seen.order.kind is OrderKind.GO_ON:
            judged.slow(Cause.LOW_VISIBILITY, LED_MPS)
        else:
            judged.stand(Cause.LOW_VISIBILITY, rest_in_lane(seen))
            judged.ask(Cause.LOW_VISIBILITY, 0.0)
    for camera, (fault, level) in seen.lens.items():
        _camera(seen, judged, camera, fault, level)


def _camera(seen: Observation, judged: Judgement, camera: str, fault: LensFault, level: float) -> None:
    if fault is LensFault.NONE or level <= 0.0:
        return
    bad = fault in DEAD or level >= BAD_LEVEL
    if bad and camera in FRONT and fault is not LensFault.GLARE:
        judged.stand(Cause.CAMERA_FAULT, rest_in_lane(seen))
        judged.ask(Cause.CAMERA_FAULT, 0.0)
    elif bad:
        judged.slow(Cause.CAMERA_FAULT, CARE_MPS)
        judged.ask(Cause.CAMERA_FAULT, 0.0)
    elif camera in FRONT and level > 0.25:
        judged.slow(Cause.CAMERA_FAULT, 1.5 * CARE_MPS)
