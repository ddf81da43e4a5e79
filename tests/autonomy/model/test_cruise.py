"""Free driving: the speed that plans are told as differences from."""

import torch

from autonomy.model.cruise import cruise
from autonomy.model.inputs import EGO_NAMES, EGO_SIZE, SPEED_SCALE
from autonomy.world import ROUTE_POINTS, ROUTE_SPACING_M
from tests.autonomy.model.small import straight


def ego(speed_mps: float, *, limit_mps: float = 10.0, stop_m: float = 60.0) -> torch.Tensor:
    """What the network is told of one car."""
    out = torch.zeros(1, EGO_SIZE)
    for name, value in {
        "speed": speed_mps / SPEED_SCALE,
        "limit": limit_mps / SPEED_SCALE,
        "stop": stop_m / 60,
    }.items():
        out[0, EGO_NAMES.index(name)] = value
    return out


def test_a_slow_car_speeds_up_to_the_limit_and_no_further() -> None:
    pace = cruise(straight(1), ego(4.0))[0]
    assert bool((torch.diff(pace) > 0).all())
    assert 7.0 < float(pace[-1]) < 10.0
    assert float(cruise(straight(1), ego(10.0))[0].max()) <= 10.0 + 1e-4


def test_it_stops_at_the_ordered_stop() -> None:
    pace = cruise(straight(1), ego(6.0, stop_m=12.0))[0]
    gone = float((pace.sum() - pace[-1] / 2 + 3.0) * 0.2)
    assert float(pace[-1]) < 1.5
    assert gone < 12.0


def test_a_bend_slows_it_before_it_begins() -> None:
    at = torch.arange(ROUTE_POINTS) * ROUTE_SPACING_M
    turn = ((at - 20.0).clamp(min=0.0) / 8.0).clamp(max=1.5)
    step = ROUTE_SPACING_M * torch.stack([turn.cos(), turn.sin()], -1)
    route = torch.cat([torch.zeros(1, 2), step[:-1].cumsum(0)])[None]
    assert float(cruise(route, ego(10.0))[0, -1]) < 6.0
    assert float(cruise(straight(1), ego(10.0))[0, -1]) > 9.0
