"""Why a ride ended or lost its car, in stable words for programs."""

from enum import StrEnum


class RiderReason(StrEnum):
    """What a rider may give as the reason of a cancellation."""

    CHANGED_PLANS = "changed_plans"
    WAIT_TOO_LONG = "wait_too_long"
    WRONG_PLACE = "wrong_place"
    BOOKED_BY_MISTAKE = "booked_by_mistake"
    FEELS_UNSAFE = "feels_unsafe"
    OTHER = "other"


class FleetReason(StrEnum):
    """Reasons of the platform's own decisions."""

    QUOTE_EXPIRED = "quote_expired"
    NO_CAR_IN_TIME = "no_car_in_time"
    OUTSIDE_ODD = "outside_odd"
    RIDER_NO_SHOW = "rider_no_show"
    CAR_SILENT = "car_silent"
    CAR_HELD = "car_held"
    CAR_FAULT = "car_fault"
    CAR_REFUSED = "car_refused"
    CAR_WITHDRAWN = "car_withdrawn"
    BETTER_CAR = "better_car"
    OPERATOR = "operator"
