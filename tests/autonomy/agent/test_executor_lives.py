"""Random lives of a car: orders at any time, a link that comes and goes, arrivals; and what must hold in all."""

import contextlib

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from autonomy.agent.life import reported_state
from autonomy.agent.orders import CommandRefused
from autonomy.link import messages as m
from autonomy.world.observation import Directive
from tests.autonomy.agent.errands import Story, ride


class CarLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.missions = 0
        self.all: list[m.EventBody] = []

    def order(self, body: m.CommandBody) -> None:
        before = self.story.life
        try:
            self.story.order(body)
        except CommandRefused:
            assert self.story.life == before
        self.look()

    def look(self) -> None:
        """The car moves when its driver may, and the doors are checked at every look."""
        life = self.story.life
        self.all += self.story.told()
        if life.leg is not None and life.directive is Directive.DRIVE:
            self.story.standing = False
        if life.phase in ("waiting", "boarding", "alighting"):
            assert self.story.standing

    @rule()
    def assign(self) -> None:
        now, occupied = self.story.life.open_mission, self.story.life.occupied
        self.missions += 1
        previous = (now.mission_id, now.version) if now else (None, 0)
        self.order(ride(f"m{self.missions}", 1, previous))
        if occupied:
            assert self.story.life.open_mission == now, "a rider was taken along on another's mission"

    @rule()
    def change(self) -> None:
        if now := self.story.life.open_mission:
            self.order(ride(now.mission_id, now.version + 1, (now.mission_id, now.version)))

    @rule(body=st.sampled_from([m.Hold(), m.PullOver(), m.Release()]))
    def halt_or_release(self, body: m.CommandBody) -> None:
        self.order(body)

    @rule(kind=st.sampled_from(["cancel", "unlock", "proceed"]))
    def errand_order(self, kind: str) -> None:
        now, stop = self.story.life.open_mission, self.story.life.stop
        if now is None or stop is None:
            return
        match kind:
            case "cancel":
                self.order(m.CancelMission(mission_id=now.mission_id, version=now.version))
            case "unlock":
                self.order(m.UnlockDoors(mission_id=now.mission_id))
            case "proceed":
                self.order(m.Proceed(mission_id=now.mission_id, version=now.version, stop_index=stop.stop_index))

    @rule(seconds=st.sampled_from([0.2, 1.0, 5.0, 20.0]), arrived=st.booleans(), stands=st.booleans())
    def time_passes(self, seconds: float, arrived: bool, stands: bool) -> None:
        life = self.story.life
        if stands and (life.directive is not Directive.DRIVE or life.leg is None):
            self.story.standing = True
        self.story.passes(seconds)
        self.look()
        if arrived and self.story.life.leg is not None:
            self.story.passes(0.2, arrived=True)
            self.look()

    @rule(up=st.booleans())
    def link(self, up: bool) -> None:
        self.story.link_up = up

    @invariant()
    def doors_open_only_at_a_standstill(self) -> None:
        if self.story.life.doors_open:
            assert self.story.standing
            assert self.story.life.leg is None

    @invariant()
    def doors_are_told_alternately(self) -> None:
        doors = [event.open for event in self.all if isinstance(event, m.DoorsChanged)]
        assert doors == [index % 2 == 0 for index in range(len(doors))]

    @invariant()
    def each_ending_is_told_once(self) -> None:
        done = [event for event in self.all if isinstance(event, m.MissionCompleted)]
        assert len({event.mission_id for event in done}) == len(done)

    @invariant()
    def a_version_of_a_stop_is_reached_and_left_once(self) -> None:
        for kind in (m.StopArrived, m.StopDeparted):
            seen = [event for event in self.all if isinstance(event, kind)]
            assert len(set(map(str, seen))) == len(seen)

    @invariant()
    def what_it_reports_fits_what_it_is(self) -> None:
        life = self.story.life
        if life.open_mission is None and not life.occupied and not life.halted:
            assert reported_state(life) == "available.idle"

    def teardown(self) -> None:
        """With a link, released, and let go at each stop, every car ends idle with an empty cabin."""
        self.story.link_up = True
        for _ in range(6):
            with contextlib.suppress(CommandRefused):
                self.story.order(m.Release())
            self.errand_order("unlock")
            self.errand_order("proceed")
            self.look()
            self.story.standing = self.story.life.leg is None
            self.story.passes(30.0, arrived=self.story.life.leg is not None)
            self.look()
        life = self.story.life
        assert (life.phase, life.mission, life.occupied, life.doors_open) == ("idle", None, False, False)


def test_whatever_is_ordered_the_car_keeps_its_rules() -> None:
    run_state_machine_as_test(
        CarLife, settings=settings(max_examples=150, stateful_step_count=40, deadline=None, database=None)
    )
