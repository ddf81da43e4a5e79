"""The car models, as data. Outer sizes and batteries follow the makers' published figures; limits are the actuation
envelope of driverless service, well inside what the cars can do."""

from dataclasses import dataclass
from math import pi, radians, tan

from autonomy.world.camera import Camera


def five_cameras(
    *, windscreen: tuple[float, float], side: tuple[float, float, float], tail: tuple[float, float]
) -> tuple[Camera, ...]:
    """The camera set by `CAMERA_NAMES`. windscreen, tail: x and z (m); side: x, y and z of the left one."""
    (front_x, front_z), (side_x, side_y, side_z), (tail_x, tail_z) = windscreen, side, tail
    return (
        Camera("front_narrow", front_x, 0.0, front_z, 0.0, radians(40)),
        Camera("front_wide", front_x, 0.0, front_z, 0.0, radians(105)),
        Camera("left", side_x, side_y, side_z, radians(80), radians(105)),
        Camera("right", side_x, -side_y, side_z, radians(-80), radians(105)),
        Camera("rear", tail_x, 0.0, tail_z, pi, radians(95)),
    )


@dataclass(frozen=True, slots=True)
class Platform:
    slug: str
    name: str
    length_m: float
    width_m: float
    wheelbase_m: float
    rear_overhang_m: float
    seats: int
    wheelchair: bool
    battery_kwh: float
    drive_kwh_per_km: float
    idle_kw: float
    charge_kw_max: float
    steer_max_rad: float
    steer_rate_rad_s: float
    accel_max_mps2: float
    brake_max_mps2: float
    speed_max_mps: float
    cameras: tuple[Camera, ...]

    @property
    def front_m(self) -> float:
        """Rear axle to front bumper."""
        return self.length_m - self.rear_overhang_m

    @property
    def kappa_max(self) -> float:
        """Largest curvature of the rear axle's path, 1/m."""
        return tan(self.steer_max_rad) / self.wheelbase_m


_ALL = (
    Platform(
        slug="p7",
        name="P7 saloon",
        length_m=5.017,
        width_m=1.97,
        wheelbase_m=3.008,
        rear_overhang_m=1.05,
        seats=4,
        wheelchair=False,
        battery_kwh=74.9,
        drive_kwh_per_km=0.142,
        idle_kw=0.6,
        charge_kw_max=250.0,
        steer_max_rad=0.58,
        steer_rate_rad_s=0.75,
        accel_max_mps2=2.5,
        brake_max_mps2=8.0,
        speed_max_mps=36.0,
        cameras=five_cameras(windscreen=(1.75, 1.36), side=(1.95, 1.02, 1.0), tail=(-0.95, 1.05)),
    ),
    Platform(
        slug="g7",
        name="G7 sport utility",
        length_m=4.892,
        width_m=1.925,
        wheelbase_m=2.89,
        rear_overhang_m=1.05,
        seats=4,
        wheelchair=False,
        battery_kwh=68.5,
        drive_kwh_per_km=0.15,
        idle_kw=0.7,
        charge_kw_max=250.0,
        steer_max_rad=0.58,
        steer_rate_rad_s=0.75,
        accel_max_mps2=2.4,
        brake_max_mps2=8.0,
        speed_max_mps=36.0,
        cameras=five_cameras(windscreen=(1.70, 1.52), side=(1.85, 1.0, 1.1), tail=(-0.98, 1.15)),
    ),
    Platform(
        slug="x9_ultra",
        name="X9 Ultra van",
        length_m=5.316,
        width_m=1.988,
        wheelbase_m=3.16,
        rear_overhang_m=1.12,
        seats=6,
        wheelchair=False,
        battery_kwh=110.0,
        drive_kwh_per_km=0.19,
        idle_kw=0.9,
        charge_kw_max=300.0,
        steer_max_rad=0.64,
        steer_rate_rad_s=0.7,
        accel_max_mps2=2.0,
        brake_max_mps2=7.5,
        speed_max_mps=33.0,
        cameras=five_cameras(windscreen=(2.15, 1.62), side=(2.2, 1.03, 1.15), tail=(-1.05, 1.25)),
    ),
    Platform(
        slug="id_buzz",
        name="ID. Buzz shuttle",
        length_m=4.712,
        width_m=1.985,
        wheelbase_m=2.989,
        rear_overhang_m=0.95,
        seats=4,
        wheelchair=True,
        battery_kwh=82.0,
        drive_kwh_per_km=0.208,
        idle_kw=1.0,
        charge_kw_max=170.0,
        steer_max_rad=0.6,
        steer_rate_rad_s=0.65,
        accel_max_mps2=1.8,
        brake_max_mps2=7.0,
        speed_max_mps=33.0,
        cameras=five_cameras(windscreen=(2.45, 1.72), side=(2.3, 1.03, 1.2), tail=(-0.88, 1.3)),
    ),
)
PLATFORMS: dict[str, Platform] = {platform.slug: platform for platform in _ALL}


def platform(slug: str) -> Platform:
    """Raises ValueError that names what there is."""
    try:
        return PLATFORMS[slug]
    except KeyError:
        raise ValueError(f"platform: {slug!r} is unknown; known are {', '.join(sorted(PLATFORMS))}") from None
