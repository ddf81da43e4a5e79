"""What a car is about: its errand, its cabin, and why it stands. Plain values, kept in the journal."""

from typing import Literal

from msgspec import Struct

from autonomy.link.messages import AssignMission, DriveMode, EventBody, LegSpec, StopSpec
from autonomy.world.observation import Directive

Phase = Literal[
    "idle",  # no mission; parked, or on its way to the kerb
    "driving",  # on the leg to the next stop
    "waiting",  # at the stop, doors shut
    "boarding",  # at the stop, doors open, the rider gets in
    "alighting",  # standing, doors open, the rider gets out
    "ending",  # mission cancelled with a rider inside: to the kerb, to let them out
]
Halt = Literal["none", "hold", "pull_over"]


class Life(Struct, frozen=True, kw_only=True):
    """The whole state of the executor. `stop_at` counts in `mission.stops`: the stop it drives to or stands at."""

    phase: Phase = "idle"
    mission: AssignMission | None = None
    stop_at: int = 0
    doors_open: bool = False
    occupied: bool = False
    timer_s: float = 0.0  # world time left of boarding, alighting or dwelling
    cancelled: bool = False  # the mission is kept only until its rider is out
    proceed: bool = False  # the platform has let the car leave the stop where it stands
    halt: Halt = "none"  # ordered by a person
    halt_reason: str = ""
    link_stop: bool = False  # its own safe stop, because the link is lost
    fault: str = ""  # its own safe stop, because something is broken
    blind_s: float = 0.0  # world time driven without a link
    stood_s: float = 0.0  # world time standing in the lane although it wants to the kerb
    told_held: bool = False  # the platform was told that the car stands
    ended_mission_id: str = ""  # the last one, completed or cancelled
    charging: bool = False  # plugged in where a "charge" mission ended
    drive_mode: DriveMode = "AUTONOMOUS"
    question: str = ""  # what its driver has asked a person, and waits for
    instruction: str = ""  # what a person asks of the driver, in words; it ends with the mission

    @property
    def stop(self) -> StopSpec | None:
        return self.mission.stops[self.stop_at] if self.mission else None

    @property
    def leg(self) -> LegSpec | None:
        """The leg to drive now, None when there is none."""
        return self.mission.legs[self.stop_at] if self.mission and self.phase == "driving" else None

    @property
    def open_mission(self) -> AssignMission | None:
        """The mission that counts for the platform: not one that was cancelled and waits for its rider to leave."""
        return None if self.cancelled else self.mission

    @property
    def halted(self) -> bool:
        return self.halt != "none" or self.link_stop or bool(self.fault)

    @property
    def directive(self) -> Directive:
        """What the driver is asked for. The more cautious order wins over going on, the kerb over the lane; but a car
        that has said that it stands does not set out for a better place."""
        if self.halt == "pull_over" or self.link_stop or self.fault:
            return Directive.HOLD if self.told_held else Directive.PULL_OVER
        return Directive.HOLD if self.halt == "hold" else Directive.DRIVE


class Senses(Struct, frozen=True, kw_only=True):
    """What the executor needs to know of the world in one instant. `dt_s` is world time since the last one."""

    standing: bool
    at_kerb: bool  # out of the lane
    arrived: bool  # stands at the end of the present leg
    link_up: bool
    dt_s: float


class Step(Struct, frozen=True, kw_only=True):
    """A new life and what the platform is to be told of it, in order."""

    life: Life
    events: tuple[EventBody, ...] = ()


def reported_state(life: Life) -> str:
    """The vehicle sub-state (MDS) that the car believes to be in, for its hello."""
    if life.open_mission is None and not life.occupied:
        return "available.held" if life.halted else "available.idle"
    if life.mission and life.mission.purpose != "ride":
        return "available.held" if life.halted else "available.repositioning"
    if life.phase in ("waiting", "boarding", "alighting"):
        return _at_stop(life)
    if life.occupied:
        return "stopped.unplanned" if life.halted and life.told_held else "on_trip.driving"
    return "reserved.held" if life.halted else "reserved.enroute"


def _at_stop(life: Life) -> str:
    stop = life.stop
    if life.phase == "alighting" or (stop and stop.kind == "dropoff"):
        return "stopped.alighting"
    if life.phase == "boarding":
        return "stopped.boarding"
    return "stopped.at_pickup" if stop and stop.kind == "pickup" else "stopped.at_stop"
