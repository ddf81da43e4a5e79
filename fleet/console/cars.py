"""The newest position of every car, and frames of those that moved since a console last looked."""

from collections.abc import Iterable

import msgspec

from fleet.base import clock
from fleet.telemetry.live import Position

encoder = msgspec.json.Encoder()


class CarBoard:
    """Latest wins: a car has one place, with the tick at which it got it."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, Position]] = {}
        self._frames: dict[tuple[int, int], bytes] = {}
        self.tick = 0

    def update(self, cars: Iterable[Position]) -> bool:
        """Take a batch; False when it holds nothing newer than what is known."""
        fresh = [car for car in cars if self._is_news(car)]
        if not fresh:
            return False
        self.tick += 1
        self._frames.clear()
        for car in fresh:
            self._places[car.vehicle_id] = (self.tick, car)
        return True

    def _is_news(self, car: Position) -> bool:
        known = self._places.get(car.vehicle_id)
        return known is None or known[1].seen_ms < car.seen_ms

    def frame_after(self, tick: int) -> tuple[int, bytes]:
        """(now's tick, JSON frame) of the cars that were heard after `tick`; b"" if none.

        Consoles that keep up ask for the same ticks and share one encoding.
        """
        if tick >= self.tick:
            return self.tick, b""
        key = (tick, self.tick)
        if key not in self._frames:
            cars = [car for at, car in self._places.values() if at > tick]
            body = {"type": "positions", "at": clock.unix_ms(clock.now()), "cars": cars}
            self._frames[key] = encoder.encode(body)
        return self.tick, self._frames[key]
