"""A camera of a vehicle platform: where it sits and how it projects. No roll, no pitch: the horizon row shifts it."""

from dataclasses import dataclass
from math import pi, tan

FRAME_WIDTH = 128
FRAME_HEIGHT = 64
CAMERA_NAMES = ("front_narrow", "front_wide", "left", "right", "rear")


@dataclass(frozen=True, slots=True)
class Camera:
    """x_m ahead of the rear axle, y_m to the left, z_m above the road; yaw_rad counter-clockwise from straight ahead;
    fov_rad: horizontal; horizon: row of the horizon as a part of the height (0.5: the middle)."""

    name: str
    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    fov_rad: float
    horizon: float = 0.45

    def focal_px(self, width: int) -> float:
        """Focal length in pixels of a picture `width` pixels wide (square pixels)."""
        if not 0.0 < self.fov_rad < pi:
            raise ValueError(f"fov_rad: {self.fov_rad} is not within 0 and pi")
        return width / 2 / tan(self.fov_rad / 2)
