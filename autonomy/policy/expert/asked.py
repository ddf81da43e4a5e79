"""Orders of people: obeyed where that is safe, refused with the reason where it never is."""

import numpy as np

from autonomy.language import REFUSALS
from autonomy.policy.expert.duties import rest_in_lane
from autonomy.policy.expert.judgement import Judgement
from autonomy.policy.expert.sideways import Shift
from autonomy.world.observation import Cause, NavigationCommand, Observation
from autonomy.world.orders import UNSAFE, OrderKind

KERB_M = 2.7  # lane's middle to the middle of the kerb strip
STRAIGHT_M = 3.0
MOVE_M = 16.0
PAST_M = 8.0
WAYS = {
    OrderKind.TAKE_LEFT: NavigationCommand.LEFT,
    OrderKind.TAKE_RIGHT: NavigationCommand.RIGHT,
    OrderKind.GO_STRAIGHT: NavigationCommand.STRAIGHT,
}


def obey(seen: Observation, judged: Judgement) -> None:
    """What the order, if any, adds to the duties."""
    order = seen.order
    if order is None:
        return
    kind = order.kind
    if kind in UNSAFE:
        judged.refuses, judged.told = REFUSALS[kind], Cause.REFUSED
    elif kind is OrderKind.WAIT:
        judged.stand(Cause.ORDER_WAIT, rest_in_lane(seen))
        judged.told = Cause.ORDER_WAIT
    elif kind is OrderKind.SLOW_DOWN:
        judged.slow(Cause.CRUISE, max(0.5 * float(seen.path[0, 4]), 3.0))
    elif kind in (OrderKind.PULL_OVER, OrderKind.PULL_OVER_PAST_CROSSING):
        _pull_over(seen, judged, kind is OrderKind.PULL_OVER_PAST_CROSSING)
    elif kind in WAYS:
        way = seen.other_ways.get(WAYS[kind])
        if way is not None:
            judged.path = way


def _pull_over(seen: Observation, judged: Judgement, past: bool) -> None:
    place = seen.kerb_m if seen.kerb_m is not None else _guess(seen, past)
    place = max(place, 0.0)
    judged.told = Cause.ORDER_PULL_OVER
    end = max(place - STRAIGHT_M, 0.0)
    judged.shifts.append(Shift(-KERB_M * seen.side, end, place + 60.0, MOVE_M, MOVE_M))
    judged.stand(Cause.ORDER_PULL_OVER, place)


def _guess(seen: Observation, past: bool) -> float:
    """A kerb place by geometry alone: as near as the car can stop and move over, outside the junction."""
    speed, line = seen.ego.speed_mps, seen.junction
    moved = float(np.clip(-seen.ego.lateral_m * seen.side / KERB_M, 0.0, 1.0))
    place = speed * speed / 3.0 + (MOVE_M + STRAIGHT_M) * (1.0 - moved)
    front = seen.ego.front_m
    if seen.box_left_m > 0:
        place = max(place, seen.box_left_m + PAST_M)
    if line is not None and line.line_m > -1.0 and (past or place + front + PAST_M > line.line_m):
        place = max(place, line.clear_m + PAST_M)
    return place
