"""Sizes and colours of bodies by kind. Sizes: vehicle classes of the German EFA/RASt design vehicles, rounded."""

from autonomy.world.observation import HazardKind
from autonomy.world.scene import BodyKind

Size = tuple[float, float, float]
Colour = tuple[int, int, int]

SIZE_M: dict[BodyKind, Size] = {
    BodyKind.CAR: (4.5, 1.85, 1.5),
    BodyKind.VAN: (5.6, 2.0, 2.5),
    BodyKind.TRUCK: (8.6, 2.5, 3.4),
    BodyKind.BUS: (11.5, 2.5, 3.1),
    BodyKind.SCHOOL_BUS: (9.5, 2.45, 3.0),
    BodyKind.EMERGENCY: (5.9, 2.1, 2.6),
    BodyKind.CYCLIST: (1.8, 0.65, 1.75),
    BodyKind.PEDESTRIAN: (0.45, 0.55, 1.75),
    BodyKind.OFFICER: (0.45, 0.6, 1.8),
    BodyKind.CONE: (0.4, 0.4, 0.8),
    BodyKind.BARRIER: (0.3, 2.0, 1.1),
    BodyKind.SIGN_WORKS: (0.3, 0.9, 1.6),
    BodyKind.DEBRIS: (0.9, 0.8, 0.5),
    BodyKind.TREE: (0.6, 0.6, 6.0),
    BodyKind.POLE: (0.2, 0.2, 5.0),
    BodyKind.CAR_DOOR: (0.15, 0.95, 1.2),
    BodyKind.ANIMAL: (0.9, 0.35, 0.7),
}
COLOUR: dict[BodyKind, Colour] = {
    BodyKind.SCHOOL_BUS: (245, 180, 20),
    BodyKind.EMERGENCY: (225, 60, 40),
    BodyKind.OFFICER: (220, 235, 40),
    BodyKind.CONE: (240, 100, 20),
    BodyKind.BARRIER: (235, 70, 50),
    BodyKind.SIGN_WORKS: (240, 200, 40),
    BodyKind.DEBRIS: (90, 75, 60),
    BodyKind.TREE: (60, 110, 50),
    BodyKind.POLE: (110, 110, 115),
    BodyKind.ANIMAL: (130, 90, 55),
    BodyKind.TRUCK: (210, 210, 215),
    BodyKind.BUS: (60, 110, 170),
    BodyKind.VAN: (225, 225, 225),
}
PAINTS: tuple[Colour, ...] = (
    (200, 200, 205), (40, 42, 46), (120, 124, 130), (235, 235, 235), (150, 30, 32), (30, 60, 120), (60, 90, 70),
    (170, 150, 110), (90, 40, 90), (205, 120, 40),
)  # fmt: skip
CLOTHES: tuple[Colour, ...] = (
    (180, 40, 50), (40, 70, 150), (50, 110, 60), (210, 190, 60), (90, 90, 95), (230, 230, 225), (130, 60, 130),
    (35, 35, 40),
)  # fmt: skip
HAZARD: dict[BodyKind, HazardKind] = {
    BodyKind.CAR: HazardKind.PARKED,
    BodyKind.VAN: HazardKind.PARKED,
    BodyKind.TRUCK: HazardKind.PARKED,
    BodyKind.BUS: HazardKind.PARKED,
    BodyKind.SCHOOL_BUS: HazardKind.SCHOOL_BUS,
    BodyKind.EMERGENCY: HazardKind.EMERGENCY,
    BodyKind.CYCLIST: HazardKind.CYCLIST,
    BodyKind.PEDESTRIAN: HazardKind.PEDESTRIAN,
    BodyKind.OFFICER: HazardKind.OFFICER,
    BodyKind.CONE: HazardKind.WORKS,
    BodyKind.BARRIER: HazardKind.WORKS,
    BodyKind.SIGN_WORKS: HazardKind.WORKS,
    BodyKind.DEBRIS: HazardKind.UNKNOWN,
    BodyKind.CAR_DOOR: HazardKind.PARKED,
    BodyKind.ANIMAL: HazardKind.UNKNOWN,
}
FLEET_HEIGHT_M = {"p7": 1.45, "g7": 1.65, "x9_ultra": 1.79, "id_buzz": 1.93}
