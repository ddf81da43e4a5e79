"""The lane ahead as a frame of reference: metres along it and to its left, on plain numbers."""

from bisect import bisect_left
from collections.abc import Sequence
from math import cos, pi, sin
from typing import NamedTuple

from autonomy.safety.manoeuvre import PathRows

Row = tuple[float, float, float, float]


class Place(NamedTuple):
    """s_m along the lane from the rear axle's foot point, left_m of it, heading_rad against it."""

    s_m: float
    left_m: float
    heading_rad: float


class Lane:
    """Rows x, y, heading, ... `spacing_m` apart; row 0 is the foot point of the rear axle. The last may repeat."""

    def __init__(self, path: PathRows, spacing_m: float) -> None:
        """Raises ValueError for a path of fewer than two rows."""
        if len(path) < 2:
            raise ValueError("path: needs two rows at least")
        rows = [path[index] for index in range(len(path))]
        count = len(rows)
        while count > 2 and rows[count - 1][0] == rows[count - 2][0] and rows[count - 1][1] == rows[count - 2][1]:
            count -= 1
        self._rows = rows
        self._last = count - 1
        self._spacing = spacing_m

    @property
    def length_m(self) -> float:
        return self._last * self._spacing

    def row_at(self, s_m: float) -> int:
        """The row nearest to a place along the lane."""
        return min(max(round(s_m / self._spacing), 0), self._last)

    def locate(self, x: float, y: float, heading: float, near: int = 0) -> tuple[Place, int]:
        """Where a point lies, looked for from row `near` on downhill; and the row that it was found at."""
        rows, last, index = self._rows, self._last, near
        best = (rows[index][0] - x) ** 2 + (rows[index][1] - y) ** 2
        for step in (1, -1):
            while 0 <= index + step <= last:
                after = (rows[index + step][0] - x) ** 2 + (rows[index + step][1] - y) ** 2
                if after >= best:
                    break
                index, best = index + step, after
        row = rows[index]
        c, s = cos(row[2]), sin(row[2])
        dx, dy = x - row[0], y - row[1]
        return Place(index * self._spacing + dx * c + dy * s, dy * c - dx * s, _turn(heading - row[2])), index

    def point(self, s_m: float, left_m: float) -> tuple[float, float, float]:
        """x, y, heading of the lane there; straight on before its begin and past its end."""
        at = min(max(s_m / self._spacing, 0.0), self._last - 1e-9)
        low = int(at)
        part = at - low
        a, b = self._rows[low], self._rows[low + 1]
        heading = float(a[2]) + _turn(float(b[2]) - float(a[2])) * part
        beyond = s_m - at * self._spacing
        c, s = cos(heading), sin(heading)
        x = float(a[0]) * (1 - part) + float(b[0]) * part + beyond * c - left_m * s
        y = float(a[1]) * (1 - part) + float(b[1]) * part + beyond * s + left_m * c
        return x, y, heading


class Track:
    """A way along the lane for the rear axle: left_m over s_m, both rising in s; held before and after."""

    def __init__(self, s_m: Sequence[float], left_m: Sequence[float], over: tuple[float, float] = (0.0, 0.0)) -> None:
        """`over`: how far left and right of the track (low, high) the car may swing before it has settled on it."""
        self.s_m = s_m
        self.left_m = left_m
        self.over = over

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[float]], lane: Lane, begin: Place, over: tuple[float, float]) -> "Track":
        """The track of a trajectory that begins at `begin`."""
        s, left, near = [begin.s_m], [begin.left_m], 0
        for row in rows:
            place, near = lane.locate(row[0], row[1], row[2], near)
            s.append(max(place.s_m, s[-1]))
            left.append(place.left_m)
        return cls(s, left, over)

    def at(self, s_m: float) -> float:
        index = bisect_left(self.s_m, s_m)
        if index == 0:
            return self.left_m[0]
        if index == len(self.s_m):
            return self.left_m[-1]
        a, b = self.s_m[index - 1], self.s_m[index]
        part = (s_m - a) / (b - a) if b > a else 1.0
        return self.left_m[index - 1] * (1 - part) + self.left_m[index] * part

    def extent(self, first_m: float, last_m: float, settled_m: float) -> tuple[float, float]:
        """Lowest and highest left_m between two places; the swing counts before `settled_m`."""
        ends = (self.at(first_m), self.at(last_m))
        low, high = min(ends), max(ends)
        begin, end = bisect_left(self.s_m, first_m), bisect_left(self.s_m, last_m)
        for index in range(begin, end):
            low, high = min(low, self.left_m[index]), max(high, self.left_m[index])
        if first_m < settled_m:
            low, high = low + self.over[0], high + self.over[1]
        return low, high


def on_track(
    lane: Lane, track: Track, begin: Place, *, speed_mps: float, speeds: Sequence[float], step_s: float
) -> list[Row]:
    """The trajectory along a track with these speeds after each step."""
    s, result = begin.s_m, []
    for after in speeds:
        s += (speed_mps + after) / 2 * step_s
        speed_mps = after
        x, y, heading = lane.point(s, track.at(s))
        slope = (track.at(s + 1.0) - track.at(s - 1.0)) / 2.0
        result.append((x, y, heading + max(-0.6, min(0.6, slope)), after))
    return result


def _turn(angle: float) -> float:
    return (angle + pi) % (2 * pi) - pi
