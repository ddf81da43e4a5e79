"""How far a car may go on its charge."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnergyModel:
    """`km_per_pct`: kilometres on one per cent of the battery, a cautious figure with heating and idling;
    `reserve_pct`: what must be left at the drop-off, so that the car gets to a charger."""

    km_per_pct: float = 2.5
    reserve_pct: float = 8.0

    def reach_m(self, soc_pct: float) -> float:
        """Metres that may be driven from `soc_pct` down to the reserve; 0 below it."""
        return max(0.0, soc_pct - self.reserve_pct) * self.km_per_pct * 1000.0
