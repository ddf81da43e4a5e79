"""A metric plane for one city."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj

FloatArray = npt.NDArray[np.float64]


@lru_cache(maxsize=32)
def _projection(lon0: float, lat0: float) -> pyproj.Proj:
    return pyproj.Proj(proj="tmerc", lon_0=lon0, lat_0=lat0, k=1.0, ellps="WGS84", units="m")


@dataclass(frozen=True)
class LocalProjection:
    """Transverse Mercator centred on (`lon0`, `lat0`): scale 1 at the centre meridian, 1.000012 at 30 km from it.

    `forward` and `inverse` take scalars or arrays of one shape and return float64 arrays of that shape;
    points outside the projection's reach come back as infinity.
    """

    lon0: float
    lat0: float

    def forward(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Degrees to metres east and north of the centre."""
        x, y = _projection(self.lon0, self.lat0)(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)

    def inverse(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Metres to degrees."""
        lon, lat = _projection(self.lon0, self.lat0)(
            np.asarray(x, dtype=float), np.asarray(y, dtype=float), inverse=True
        )
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
