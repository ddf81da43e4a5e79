"""Driving modes of a car as a table: what may follow what, and why."""

from enum import StrEnum


class Mode(StrEnum):
    MANUAL = "MANUAL"
    AUTONOMOUS = "AUTONOMOUS"
    REMOTE_ASSISTED = "REMOTE_ASSISTED"
    REMOTE_DRIVEN = "REMOTE_DRIVEN"
    MRM_OPERATING = "MRM_OPERATING"
    MRC_REACHED = "MRC_REACHED"
    MRM_FAILED = "MRM_FAILED"


class ModeEvent(StrEnum):
    ENGAGE = "engage"
    TAKE_OVER = "take_over"  # a person in the car takes the wheel
    ASSIST_BEGIN = "assist_begin"
    ASSIST_END = "assist_end"
    REMOTE_DRIVE_BEGIN = "remote_drive_begin"
    REMOTE_DRIVE_END = "remote_drive_end"
    MRM_REQUIRED = "mrm_required"
    STANDING = "standing"
    MRM_NOT_ENDING = "mrm_not_ending"
    RELEASED = "released"  # a person, or the end of the cause where that is enough


class IllegalMode(ValueError):
    """The event means nothing in that mode; the mode stays."""


TRANSITIONS: dict[tuple[Mode, ModeEvent], Mode] = {
    (Mode.MANUAL, ModeEvent.ENGAGE): Mode.AUTONOMOUS,
    (Mode.AUTONOMOUS, ModeEvent.TAKE_OVER): Mode.MANUAL,
    (Mode.AUTONOMOUS, ModeEvent.ASSIST_BEGIN): Mode.REMOTE_ASSISTED,
    (Mode.AUTONOMOUS, ModeEvent.REMOTE_DRIVE_BEGIN): Mode.REMOTE_DRIVEN,
    (Mode.AUTONOMOUS, ModeEvent.MRM_REQUIRED): Mode.MRM_OPERATING,
    (Mode.REMOTE_ASSISTED, ModeEvent.TAKE_OVER): Mode.MANUAL,
    (Mode.REMOTE_ASSISTED, ModeEvent.ASSIST_END): Mode.AUTONOMOUS,
    (Mode.REMOTE_ASSISTED, ModeEvent.MRM_REQUIRED): Mode.MRM_OPERATING,
    (Mode.REMOTE_DRIVEN, ModeEvent.TAKE_OVER): Mode.MANUAL,
    (Mode.REMOTE_DRIVEN, ModeEvent.REMOTE_DRIVE_END): Mode.AUTONOMOUS,
    (Mode.REMOTE_DRIVEN, ModeEvent.MRM_REQUIRED): Mode.MRM_OPERATING,
    (Mode.MRM_OPERATING, ModeEvent.TAKE_OVER): Mode.MANUAL,
    (Mode.MRM_OPERATING, ModeEvent.STANDING): Mode.MRC_REACHED,
    (Mode.MRM_OPERATING, ModeEvent.MRM_NOT_ENDING): Mode.MRM_FAILED,
    (Mode.MRC_REACHED, ModeEvent.TAKE_OVER): Mode.MANUAL,
    (Mode.MRC_REACHED, ModeEvent.RELEASED): Mode.AUTONOMOUS,
    (Mode.MRC_REACHED, ModeEvent.REMOTE_DRIVE_BEGIN): Mode.REMOTE_DRIVEN,
    (Mode.MRM_FAILED, ModeEvent.TAKE_OVER): Mode.MANUAL,
    (Mode.MRM_FAILED, ModeEvent.STANDING): Mode.MRC_REACHED,
}

IN_MRM = frozenset({Mode.MRM_OPERATING, Mode.MRC_REACHED, Mode.MRM_FAILED})


def after(mode: Mode, event: ModeEvent) -> Mode:
    """The mode that follows. Raises IllegalMode."""
    try:
        return TRANSITIONS[mode, event]
    except KeyError:
        raise IllegalMode(f"{event} means nothing in {mode}") from None
