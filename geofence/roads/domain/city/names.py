"""Street names, each used once."""

from collections.abc import Iterator

import numpy as np

# fmt: off
_FIRST = (
    "Alder", "Anchor", "Apple", "Ash", "Baker", "Barley", "Beacon", "Beech", "Birch", "Blossom", "Boat", "Brewer",
    "Bridge", "Brick", "Canal", "Castle", "Cedar", "Chapel", "Cherry", "Chestnut", "Clover", "College", "Cooper",
    "Copper", "Coral", "Cotton", "Crane", "Curlew", "Cypress", "Dove", "Elder", "Elm", "Falcon", "Fern", "Ferry",
    "Field", "Fir", "Fisher", "Flint", "Forge", "Foundry", "Fountain", "Fox", "Garden", "Gate", "Glass", "Granary",
    "Grove", "Harbour", "Hawthorn", "Hazel", "Heath", "Heron", "Hill", "Holly", "Hop", "Iris", "Ivy", "Juniper",
    "King", "Lark", "Laurel", "Lavender", "Library", "Lilac", "Lime", "Linden", "Lock", "Lotus", "Magnolia",
    "Maple", "Market", "Marsh", "Mason", "Meadow", "Mill", "Mint", "Mulberry", "Myrtle", "Nightingale", "Oak",
    "Olive", "Orchard", "Otter", "Pear", "Pine", "Plum", "Poplar", "Potter", "Primrose", "Quarry", "Queen", "Raven",
    "Reed", "River", "Robin", "Rose", "Rowan", "Saddler", "Sage", "School", "Shore", "Silver", "Smith", "Sorrel",
    "Sparrow", "Spring", "Station", "Stone", "Swan", "Sycamore", "Tanner", "Temple", "Thistle", "Thorn", "Tower",
    "Vine", "Violet", "Walnut", "Water", "Weaver", "Well", "Wheat", "Willow", "Wren", "Yew",
)
_SECOND = (
    "Abbey", "Ames", "Bell", "Brook", "Carr", "Dale", "Dean", "Eaton", "Ford", "Gray", "Hale", "Hurst", "Lane",
    "Leigh", "Moor", "North", "Park", "South",
)
# fmt: on
_KINDS = {
    "avenue": ("Avenue", "Boulevard"),
    "collector": ("Road", "Street"),
    "street": ("Street", "Street", "Lane", "Row", "Way", "Place"),
}


def street_names(rng: np.random.Generator, kind: str) -> Iterator[str]:
    """Names of one kind (`avenue`, `collector`, `street`) without end and without a repeat."""
    endings = _KINDS[kind]
    plain = [(first, "") for first in _FIRST]
    double = [(first, second) for first in _FIRST for second in _SECOND]
    for pool in (plain, double):
        for index in rng.permutation(len(pool)):
            first, second = pool[index]
            yield " ".join(filter(None, (first, second, endings[int(rng.integers(len(endings)))])))
    number = 1
    while True:
        yield f"{_KINDS[kind][0]} {number}"
        number += 1
