"""The car models, as data. Outer sizes and batteries follow the makers' published figures; limits are the actuation
envelope of driverless service, well inside what the cars can do."""

from dataclasses import dataclass
from math import tan


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

    @property
    def front_m(self) -> float:
        """Rear axle to front bumper."""
        return self.length_m - self.rear_overhang_m

    @property
    def kappa_max(self) -> float:
        """Largest curvature of the rear axle's path, 1/m."""
        return tan(self.steer_max_rad) / self.wheelbase_m


def _platform(
    slug: str,
    name: str,
    size: tuple[float, float, float, float],
    seats: int,
    wheelchair: bool,
    energy: tuple[float, float, float, float],
    motion: tuple[float, float, float, float, float],
) -> Platform:
    length, width, wheelbase, rear = size
    battery, per_km, idle, charge = energy
    steer, rate, accel, brake, speed = motion
    return Platform(
        slug,
        name,
        length,
        width,
        wheelbase,
        rear,
        seats,
        wheelchair,
        battery,
        per_km,
        idle,
        charge,
        steer,
        rate,
        accel,
        brake,
        speed,
    )


_ALL = (
    _platform(
        "p7",
        "P7 saloon",
        (5.017, 1.970, 3.008, 1.05),
        4,
        False,
        (74.9, 0.142, 0.6, 250.0),
        (0.58, 0.75, 2.5, 8.0, 36.0),
    ),
    _platform(
        "g7",
        "G7 sport utility",
        (4.892, 1.925, 2.890, 1.05),
        4,
        False,
        (68.5, 0.150, 0.7, 250.0),
        (0.58, 0.75, 2.4, 8.0, 36.0),
    ),
    _platform(
        "x9_ultra",
        "X9 Ultra van",
        (5.316, 1.988, 3.160, 1.12),
        6,
        False,
        (110.0, 0.190, 0.9, 300.0),
        (0.64, 0.70, 2.0, 7.5, 33.0),
    ),
    _platform(
        "id_buzz",
        "ID. Buzz shuttle",
        (4.712, 1.985, 2.989, 0.95),
        4,
        True,
        (82.0, 0.208, 1.0, 170.0),
        (0.60, 0.65, 1.8, 7.0, 33.0),
    ),
)
PLATFORMS: dict[str, Platform] = {platform.slug: platform for platform in _ALL}


def platform(slug: str) -> Platform:
    """Raises ValueError that names what there is."""
    try:
        return PLATFORMS[slug]
    except KeyError:
        raise ValueError(f"platform: {slug!r} is unknown; known are {', '.join(sorted(PLATFORMS))}") from None
