"""What commands do to a car's life. Pure: a life in, a life and events out, or a refusal with its code."""

from msgspec.structs import replace

from autonomy.agent.cabin import Cabin
from autonomy.agent.life import Halt, Life, Senses, Step
from autonomy.agent.mission_checks import MissionRefused, RoadFacts, check_assignment
from autonomy.agent.stages import Stages, close_doors, free, open_doors, release
from autonomy.link.messages import (
    AssignMission,
    CancelMission,
    HelpEnded,
    Hold,
    Instruct,
    Proceed,
    PullOver,
    Release,
    SignedCommand,
    UnlockDoors,
)


class CommandRefused(Exception):
    """`code` is one of those of `MissionRefused`, or: `unknown_mission`, `version_mismatch`, `not_at_stop`,
    `wrong_stop`, `moving`, `doors_busy`, `not_held`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Orders:
    """Obeys commands on behalf of one car with this map and this cabin."""

    def __init__(self, roads: RoadFacts, cabin: Cabin) -> None:
        self._roads = roads
        self._cabin = cabin
        self._stages = Stages(cabin)

    def obey(self, life: Life, command: SignedCommand, senses: Senses) -> Step:
        """Raises `CommandRefused`; then nothing has changed."""
        match command.body:
            case Hold() | PullOver() | Release() as body:
                return _halt_order(life, body, command.reason)
            case AssignMission() as body:
                return self._assign(life, body)
            case CancelMission() as body:
                return self._cancel(life, body)
            case Proceed() as body:
                return self._proceed(life, body)
            case UnlockDoors() as body:
                return self._unlock(life, body, senses)
            case Instruct(text=text):
                return _instruct(life, text.strip())

    def _assign(self, life: Life, body: AssignMission) -> Step:
        try:
            mission = check_assignment(body, life, self._roads)
        except MissionRefused as refused:
            raise CommandRefused(refused.code, refused.detail) from refused
        if _stands_at_first_stop(life, mission):
            return Step(life=replace(life, mission=mission, stop_at=0))
        if life.doors_open and life.timer_s > 0:
            raise CommandRefused("doors_busy", f"the car is {life.phase}")
        leaving = close_doors(life)
        taken = replace(
            leaving.life,
            mission=mission,
            stop_at=0,
            phase="driving",
            proceed=False,
            timer_s=0.0,
            blind_s=0.0,
            charging=False,
        )
        return Step(life=taken, events=leaving.events)

    def _cancel(self, life: Life, body: CancelMission) -> Step:
        mission = _require_mission(life, body.mission_id)
        if body.version != mission.version:
            raise CommandRefused("version_mismatch", f"cancels v{body.version}, the car has v{mission.version}")
        if life.phase == "alighting":
            return Step(life=replace(life, cancelled=True))
        if life.occupied:
            ending = replace(life, phase="ending", cancelled=True, proceed=False)
            return self._stages.let_out(ending) if life.phase in ("waiting", "boarding") else Step(life=ending)
        shut = close_doors(life)
        return Step(life=free(shut.life), events=shut.events)

    def _proceed(self, life: Life, body: Proceed) -> Step:
        mission = _require_mission(life, body.mission_id)
        if body.version != mission.version:
            raise CommandRefused("version_mismatch", f"for v{body.version}, the car has v{mission.version}")
        if life.phase not in ("waiting", "boarding", "alighting") or life.stop is None:
            raise CommandRefused("not_at_stop", f"the car is {life.phase}")
        if body.stop_index != life.stop.stop_index:
            raise CommandRefused("wrong_stop", f"for stop {body.stop_index}, the car is at {life.stop.stop_index}")
        return Step(life=replace(life, proceed=True))

    def _unlock(self, life: Life, body: UnlockDoors, senses: Senses) -> Step:
        mission = _require_mission(life, body.mission_id)
        if not senses.standing:
            raise CommandRefused("moving", "doors stay locked while the car moves")
        stop_index = life.stop.stop_index if life.stop else 0
        if life.phase == "waiting" and not life.occupied:
            opened = open_doors(life)
            timer_s = self._cabin.boarding_s(mission.mission_id, stop_index)
            return Step(life=replace(opened.life, phase="boarding", timer_s=timer_s), events=opened.events)
        if life.phase in ("boarding", "alighting"):
            return Step(life=life)
        raise CommandRefused("not_at_stop", f"the car is {life.phase}")


def _instruct(life: Life, text: str) -> Step:
    """Words to the driver answer its question."""
    told = replace(life, instruction=text)
    if not text or not life.question:
        return Step(life=told)
    return Step(life=replace(told, question=""), events=(HelpEnded(reason="answered"),))


def _halt_order(life: Life, body: Hold | PullOver | Release, reason: str) -> Step:
    match body:
        case Hold():
            return Step(life=_halted(life, "hold", reason))
        case PullOver():
            return Step(life=_halted(life, "pull_over", reason))
        case Release():
            if life.halt == "none" and not life.fault:
                raise CommandRefused("not_held", "the car is not held")
            return release(life, reason)


def _require_mission(life: Life, mission_id: str) -> AssignMission:
    mission = life.open_mission
    if mission is None or mission.mission_id != mission_id:
        raise CommandRefused("unknown_mission", "the car has no such mission")
    return mission


def _stands_at_first_stop(life: Life, mission: AssignMission) -> bool:
    now, first = life.stop, mission.stops[0]
    return (
        life.phase in ("waiting", "boarding", "alighting")
        and now is not None
        and life.mission is not None
        and life.mission.mission_id == mission.mission_id
        and (now.stop_index, now.edge) == (first.stop_index, first.edge)
        and abs(now.offset_m - first.offset_m) < 15.0
    )


def _halted(life: Life, halt: Halt, reason: str) -> Life:
    """A pull-over is not turned back into a hold in the lane."""
    if life.halt == "pull_over" and halt == "hold":
        return life
    return replace(life, halt=halt, halt_reason=reason or halt, told_held=life.told_held and life.halt == halt)
