"""The vehicles of the world's own traffic, as platforms."""

from dataclasses import dataclass, replace

from autonomy.sim.platforms import Platform
from autonomy.sim.platforms import platform as platform_of
from autonomy.world.scene import BodyKind


@dataclass(frozen=True, slots=True)
class AmbientBody:
    """weight: how common it is; big: it keeps to straight ways where it can."""

    platform: Platform
    body: BodyKind
    weight: float
    big: bool = False


def _like(slug: str, *, size: tuple[float, float], axles: tuple[float, float], limits: tuple[float, ...]) -> Platform:
    """size: length, width; axles: wheelbase, rear overhang; limits: steering angle, acceleration, braking, speed."""
    steer, accel, brake, speed = limits
    return replace(
        platform_of("p7"),
        slug=slug,
        name=slug.replace("_", " "),
        length_m=size[0],
        width_m=size[1],
        wheelbase_m=axles[0],
        rear_overhang_m=axles[1],
        steer_max_rad=steer,
        steer_rate_rad_s=0.8,
        accel_max_mps2=accel,
        brake_max_mps2=brake,
        speed_max_mps=speed,
    )


CAR = AmbientBody(
    _like("ambient_car", size=(4.5, 1.85), axles=(2.7, 0.95), limits=(0.6, 2.5, 8.0, 36.0)), BodyKind.CAR, 0.7
)
VAN = AmbientBody(
    _like("ambient_van", size=(5.6, 2.0), axles=(3.4, 1.1), limits=(0.68, 2.0, 7.5, 33.0)), BodyKind.VAN, 0.16
)
TRUCK = AmbientBody(
    _like("ambient_truck", size=(7.4, 2.35), axles=(4.0, 1.7), limits=(0.75, 1.3, 6.5, 25.0)),
    BodyKind.TRUCK,
    0.08,
    True,
)
BUS = AmbientBody(
    _like("ambient_bus", size=(9.0, 2.45), axles=(4.6, 2.2), limits=(0.8, 1.2, 6.0, 22.0)), BodyKind.BUS, 0.06, True
)
SCHOOL_BUS = AmbientBody(
    _like("ambient_school_bus", size=(9.0, 2.4), axles=(4.6, 2.2), limits=(0.8, 1.2, 6.0, 22.0)),
    BodyKind.SCHOOL_BUS,
    0.0,
    True,
)
EMERGENCY = AmbientBody(
    _like("ambient_emergency", size=(5.9, 2.1), axles=(3.5, 1.2), limits=(0.68, 2.5, 8.0, 25.0)),
    BodyKind.EMERGENCY,
    0.0,
)
CYCLIST = AmbientBody(
    _like("ambient_cyclist", size=(1.8, 0.65), axles=(1.1, 0.35), limits=(0.9, 1.0, 4.0, 5.5)), BodyKind.CYCLIST, 0.0
)
COMMON = (CAR, VAN, TRUCK, BUS)
