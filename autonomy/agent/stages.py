"""How a car's life goes on by itself: arriving, boarding, leaving, stopping safely without a link. Pure."""

from msgspec.structs import replace

from autonomy.agent.cabin import Cabin
from autonomy.agent.life import Life, Senses, Step
from autonomy.link.messages import (
    AssignMission,
    CabinEmpty,
    DoorsChanged,
    DriveModeChanged,
    EventBody,
    Fault,
    Held,
    MissionCompleted,
    Resumed,
    StopArrived,
    StopDeparted,
    StopSpec,
)
from autonomy.safety.link_lease import LinkLease
from autonomy.safety.modes import Mode
from autonomy.world.observation import Directive

# A leg may be finished without a link, but not for ever: nobody could help the car or reach its rider.
BLIND_LEG_S = LinkLease().drive_on_s
# A car that can't get to the kerb may stand at a red light, or for good: after this long it counts as stopped there.
NO_KERB_S = 120.0
LINK_LOST = "link_lost"
LINK_RESTORED = "link_restored"


def open_doors(life: Life) -> Step:
    if life.doors_open:
        return Step(life=life)
    return Step(life=replace(life, doors_open=True), events=(DoorsChanged(open=True),))


def close_doors(life: Life) -> Step:
    if not life.doors_open:
        return Step(life=life)
    return Step(life=replace(life, doors_open=False), events=(DoorsChanged(open=False),))


def break_down(life: Life, code: str, detail: str, *, drivable: bool) -> Step:
    """The car finds itself unable to serve: it stops at the kerb and waits for a `Release`."""
    if life.fault:
        return Step(life=life)
    fault = Fault(code=code, detail=detail[:200], drivable=drivable)
    return Step(
        life=replace(life, fault=code, drive_mode="MRM_OPERATING", told_held=False),
        events=(fault, DriveModeChanged(drive_mode="MRM_OPERATING", reason=code)),
    )


def monitored(life: Life, mode: Mode, reason: str) -> Step:
    """The safety monitor has changed its mode. It stops the car by itself; here the stop is made known and final."""
    match mode:
        case Mode.MRM_OPERATING if life.link_stop and reason == LINK_LOST:
            return Step(life=life)  # told already, and over when the link is back
        case Mode.MRM_OPERATING:
            return break_down(life, reason, "the safety monitor stops the car", drivable=True)
        case Mode.MRM_FAILED:
            failed = replace(life, drive_mode="MRM_FAILED")
            return Step(life=failed, events=(DriveModeChanged(drive_mode="MRM_FAILED", reason=reason),))
        case Mode.MRC_REACHED if life.halted and not life.told_held:
            return _stands(life)  # wherever it stands: the monitor does not look for another place
        case _:
            return Step(life=life)


def release(life: Life, reason: str) -> Step:
    """Ends what a person ordered and what was broken; a stop for want of a link goes on until the link is back."""
    free = replace(life, halt="none", halt_reason="", fault="")
    return Step(life=free) if free.link_stop else _resume(free, reason or "released")


class Stages:
    """Advances the life of one car."""

    def __init__(self, cabin: Cabin) -> None:
        self._cabin = cabin

    def advance(self, life: Life, senses: Senses) -> Step:
        """One instant: the link, then whether the car stands on order, then its errand."""
        link = _watch_link(_stood(life, senses), senses)
        standing = _watch_standing(link.life, senses)
        errand = self._go_on(standing.life, senses)
        return Step(life=errand.life, events=(*link.events, *standing.events, *errand.events))

    def let_out(self, life: Life) -> Step:
        """Doors open at a standing car, the rider begins to get out."""
        mission, stop = _errand(life)
        opened = open_doors(life)
        timer_s = max(stop.dwell_s, self._cabin.alighting_s(mission.mission_id, stop.stop_index))
        return Step(life=replace(opened.life, phase="alighting", timer_s=timer_s), events=opened.events)

    def _go_on(self, life: Life, senses: Senses) -> Step:
        match life.phase:
            case "driving" if senses.arrived and senses.standing:
                return self._arrive(life)
            case "ending" if _settled(life, senses):
                return self.let_out(life)
            case "waiting":
                return _wait(_timed(life, senses), senses)
            case "boarding":
                return _board(_timed(life, senses), senses)
            case "alighting":
                return _alight(_timed(life, senses))
            case _:
                return Step(life=life)

    def _arrive(self, life: Life) -> Step:
        mission, stop = _errand(life)
        arrived = StopArrived(mission_id=mission.mission_id, version=mission.version, stop_index=stop.stop_index)
        here = replace(life, phase="waiting", timer_s=stop.dwell_s, proceed=False, blind_s=0.0)
        if stop.kind != "dropoff":
            return Step(life=here, events=(arrived,))
        out = self.let_out(here)
        return Step(life=out.life, events=(arrived, *out.events))


def _wants_kerb(life: Life) -> bool:
    return life.phase == "ending" or life.directive is Directive.PULL_OVER


def _stood(life: Life, senses: Senses) -> Life:
    """Counts the time in the lane of a car that wants to the kerb."""
    counts = senses.standing and not senses.at_kerb and _wants_kerb(life)
    stood_s = life.stood_s + senses.dt_s if counts else 0.0
    return replace(life, stood_s=stood_s) if stood_s != life.stood_s else life


def _settled(life: Life, senses: Senses) -> bool:
    """Whether the car stands for good, and not only at a red light on its way to the kerb."""
    return senses.standing and (senses.at_kerb or not _wants_kerb(life) or life.stood_s >= NO_KERB_S)


def _watch_link(life: Life, senses: Senses) -> Step:
    if senses.link_up:
        seeing = replace(life, blind_s=0.0) if life.blind_s else life
        if not life.link_stop:
            return Step(life=seeing)
        return _resume(replace(seeing, link_stop=False), LINK_RESTORED)
    if life.phase not in ("driving", "idle") or senses.standing:
        return Step(life=life)
    blind = replace(life, blind_s=life.blind_s + senses.dt_s)
    if life.link_stop or (life.phase == "driving" and blind.blind_s <= BLIND_LEG_S):
        return Step(life=blind)
    stopping = replace(blind, link_stop=True, drive_mode="MRM_OPERATING", told_held=False)
    return Step(life=stopping, events=(DriveModeChanged(drive_mode="MRM_OPERATING", reason=LINK_LOST),))


def _watch_standing(life: Life, senses: Senses) -> Step:
    """Tells the platform once that the car stands and does not go on by itself."""
    if not life.halted or life.told_held or not _settled(life, senses):
        return Step(life=life)
    return _stands(life)


def _stands(life: Life) -> Step:
    reason = life.fault or (LINK_LOST if life.link_stop else life.halt_reason)
    events: tuple[EventBody, ...] = (Held(reason=reason),)
    told = replace(life, told_held=True)
    if life.drive_mode in ("MRM_OPERATING", "MRM_FAILED"):
        told = replace(told, drive_mode="MRC_REACHED")
        events = (DriveModeChanged(drive_mode="MRC_REACHED", reason=reason), *events)
    return Step(life=told, events=events)


def _resume(life: Life, reason: str) -> Step:
    """One reason to stand is gone; the car goes on unless there is another."""
    if life.halted:
        return Step(life=life)
    events: list[EventBody] = []
    if life.drive_mode != "AUTONOMOUS":
        events.append(DriveModeChanged(drive_mode="AUTONOMOUS", reason=reason))
    if life.told_held:
        events.append(Resumed(reason=reason))
    return Step(life=replace(life, told_held=False, drive_mode="AUTONOMOUS"), events=tuple(events))


def _wait(life: Life, senses: Senses) -> Step:
    _, stop = _errand(life)
    ready = life.proceed or not stop.wait_for_proceed
    return _leave(life, senses) if ready and life.timer_s <= 0 else Step(life=life)


def _board(life: Life, senses: Senses) -> Step:
    _, stop = _errand(life)
    if life.timer_s > 0:
        return Step(life=life)
    inside = replace(life, occupied=True)
    ready = life.proceed or not stop.wait_for_proceed
    return _leave(inside, senses) if ready else Step(life=inside)


def _alight(life: Life) -> Step:
    if life.timer_s > 0:
        return Step(life=life)
    mission, stop = _errand(life)
    shut = close_doors(life)
    empty = CabinEmpty(mission_id=mission.mission_id, version=mission.version, stop_index=stop.stop_index)
    events = (*shut.events, empty)
    alone = replace(shut.life, occupied=False, phase="waiting", timer_s=0.0)
    if life.cancelled:
        return Step(life=free(alone), events=events)
    return Step(life=alone, events=events)


def _leave(life: Life, senses: Senses) -> Step:
    """Ends the mission at its last stop, else starts the next leg, unless the car has to stand."""
    mission, stop = _errand(life)
    if life.stop_at + 1 == len(mission.stops):
        shut = close_doors(life)
        done = MissionCompleted(mission_id=mission.mission_id, version=mission.version)
        idle = replace(free(shut.life), charging=mission.purpose == "charge")
        return Step(life=idle, events=(*shut.events, done))
    if life.halted:
        return Step(life=life)
    if not senses.link_up:
        stopped = replace(life, link_stop=True, told_held=True, drive_mode="MRC_REACHED")
        mode = DriveModeChanged(drive_mode="MRC_REACHED", reason=LINK_LOST)
        return Step(life=stopped, events=(mode, Held(reason=LINK_LOST)))
    shut = close_doors(life)
    departed = StopDeparted(mission_id=mission.mission_id, version=mission.version, stop_index=stop.stop_index)
    onward = replace(shut.life, phase="driving", stop_at=life.stop_at + 1, proceed=False, timer_s=0.0)
    return Step(life=onward, events=(*shut.events, departed))


def free(life: Life) -> Life:
    """Without its mission, which has ended."""
    ended = life.mission.mission_id if life.mission else life.ended_mission_id
    return replace(
        life,
        mission=None,
        ended_mission_id=ended,
        stop_at=0,
        phase="idle",
        instruction="",
        cancelled=False,
        proceed=False,
        timer_s=0.0,
    )


def _timed(life: Life, senses: Senses) -> Life:
    return replace(life, timer_s=max(0.0, life.timer_s - senses.dt_s)) if life.timer_s > 0 else life


def _errand(life: Life) -> tuple[AssignMission, StopSpec]:
    assert life.mission is not None, f"a car that is {life.phase} has a mission"
    return life.mission, life.mission.stops[life.stop_at]
