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

    def bend_at(self, s_m: float) -> float:
        """Curvature of the lane (1/m), over two rows."""
        index = min(self.row_at(s_m), self._last - 1)
        first, after = self._rows[index], self._rows[index + 1]
        return _turn(float(after[2]) - float(first[2])) / self._spacing

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
    """A way along the lane for the rear axle: left_m over s_m, rising in s; held before and after.

    The front of the car leads: nose_m is its left_m where the rear axle is at that s.
    """

    def __init__(
        self,
        s_m: Sequence[float],
        left_m: Sequence[float],
        *,
        front_m: float = 0.0,
        rear_m: float = 0.0,
        heading_rad: float = 0.0,
        over: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """`heading_rad`: of the car against the lane now; `over`: how far (low, high) of the track the car may swing
        before it has settled on it."""
        self.s_m = s_m
        self.left_m = left_m
        self.over = over
        self._tail = left_m[0] - rear_m * sin(heading_rad), s_m[0] + rear_m
        nose = [left_m[0] + front_m * sin(heading_rad)]
        for index in range(1, len(s_m)):
            run = s_m[index] - s_m[index - 1]
            slope = (left_m[index] - left_m[index - 1]) / run if run > 0.3 else 0.0
            nose.append(left_m[index] + front_m * max(-0.6, min(0.6, slope)))
        self.nose_m = nose

    def at(self, s_m: float) -> float:
        return _value(self.s_m, self.left_m, s_m)

    def extent(self, first_m: float, last_m: float, settled_m: float) -> tuple[float, float]:
        """Lowest and highest left_m of rear axle and nose between two places; the swing counts before `settled_m`."""
        ends = (
            self.at(first_m), self.at(last_m),
            _value(self.s_m, self.nose_m, first_m), _value(self.s_m, self.nose_m, last_m),
        )  # fmt: skip
        low, high = min(ends), max(ends)
        begin, end = bisect_left(self.s_m, first_m), bisect_left(self.s_m, last_m)
        if end > begin:
            low = min(low, *self.left_m[begin:end], *self.nose_m[begin:end])
            high = max(high, *self.left_m[begin:end], *self.nose_m[begin:end])
        if first_m <= self._tail[1]:  # the tail is still where it is now
            low, high = min(low, self._tail[0]), max(high, self._tail[0])
        if first_m < settled_m:
            low, high = low + self.over[0], high + self.over[1]
        return low, high


def _value(s_m: Sequence[float], values: Sequence[float], at_m: float) -> float:
    index = bisect_left(s_m, at_m)
    if index == 0:
        return values[0]
    if index == len(s_m):
        return values[-1]
    a, b = s_m[index - 1], s_m[index]
    part = (at_m - a) / (b - a) if b > a else 1.0
    return values[index - 1] * (1 - part) + values[index] * part


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
