"""What a person may ask of the driver, as a typed order. People write plain English; the order is what it means."""

from dataclasses import dataclass
from enum import StrEnum


class OrderKind(StrEnum):
    """The first group is obeyed when it is safe; `unsafe` ones are refused always."""

    WAIT = "wait"
    GO_ON = "go_on"
    SLOW_DOWN = "slow_down"
    PULL_OVER = "pull_over"
    PULL_OVER_PAST_CROSSING = "pull_over_past_crossing"
    PASS_LEFT = "pass_left"  # noqa: S105 - to pass a vehicle, no password
    WAIT_THEN_PASS_LEFT = "wait_then_pass_left"  # noqa: S105 - as above
    TAKE_LEFT = "take_left"
    TAKE_RIGHT = "take_right"
    GO_STRAIGHT = "go_straight"
    RUN_RED_LIGHT = "run_red_light"
    IGNORE_PEDESTRIAN = "ignore_pedestrian"
    SPEED = "speed"
    DRIVE_ON_PAVEMENT = "drive_on_pavement"
    WRONG_WAY = "wrong_way"


UNSAFE = frozenset(
    {
        OrderKind.RUN_RED_LIGHT,
        OrderKind.IGNORE_PEDESTRIAN,
        OrderKind.SPEED,
        OrderKind.DRIVE_ON_PAVEMENT,
        OrderKind.WRONG_WAY,
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    kind: OrderKind
    given_s: float = 0.0
