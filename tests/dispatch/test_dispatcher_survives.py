"""The dispatcher when things go wrong: silent and held cars, no-shows, lost races, a lease that is taken over."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction

from autonomy.link.messages import Fault, Held, Resumed
from dispatch.assignments import invariants, lease, services
from dispatch.assignments.dispatcher import Dispatcher, TickReport
from dispatch.assignments.lease import LeaseLost
from dispatch.assignments.models import Assignment, DispatcherLease
from dispatch.assignments.plan import Plan, plan
from dispatch.matching.selectors import TripLengths, situation
from dispatch.matching.solvers.bounded import BoundedSolver
from dispatch.rides.models import Ride
from fleet.base import clock
from fleet.ledger.testing import flush
from fleet.missions.models import Mission
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Conflict
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker, Cars
from tests.dispatch.stories import state_of

pytestmark = pytest.mark.django_db
TIMING = settings.HANSOM_TIMING


def no_violation() -> None:
    flush()
    found = [sentence for check in invariants.ALWAYS for sentence in check()]
    assert found == []


def on_board(cars: Cars, booker: Booker, ride_id: UUID) -> None:
    cars.arrive(ride_id, 0)
    booker.order(ride_id, "unlock")
    cars.depart(ride_id)
    assert state_of(ride_id) == "on_trip"


def test_a_car_silent_before_the_pickup_is_replaced_and_freed(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    silent = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.quiet_for(silent.id, TIMING["rematch_silent_s"] + 1)
    tick()  # marks it silent; its state is new from now on
    assert state_of(ride_id) == "reserved"
    Vehicle.objects.filter(pk=silent.pk).update(state_since=clock.now() - timedelta(seconds=31))
    fresh = cars.add(places[-1])
    assert tick().counts["withdrawn"] == 1
    tick()
    assert Ride.objects.get(pk=ride_id).vehicle_id == fresh.id
    assert Assignment.objects.get(vehicle=silent).end_reason == "car_silent"
    assert Vehicle.objects.get(pk=silent.pk).resume_state == "available.idle"
    no_violation()


def test_a_silence_shorter_than_patience_changes_nothing(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.quiet_for(vehicle.id, TIMING["silent_s"] + 1)
    tick()
    tick()
    assert state_of(ride_id) == "reserved"
    assert Vehicle.objects.get(pk=vehicle.pk).state == "non_contactable"
    no_violation()


def test_a_car_held_before_the_pickup_is_replaced(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    held = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.report(ride_id, lambda m, v: Held(reason="blocked"))
    assert Vehicle.objects.get(pk=held.pk).state == "reserved.held"
    tick()
    assert state_of(ride_id) == "reserved"
    Vehicle.objects.filter(pk=held.pk).update(state_since=clock.now() - timedelta(seconds=31))
    cars.add(places[-1])
    tick()
    assert state_of(ride_id) == "reserved"
    assert Ride.objects.get(pk=ride_id).vehicle_id != held.id
    assert Assignment.objects.get(vehicle=held).end_reason == "car_held"
    no_violation()


def test_a_faulty_car_loses_its_ride_at_once(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    faulty = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.report(ride_id, lambda m, v: Fault(code="lidar", detail="blind", drivable=False))
    assert state_of(ride_id) == "matching"
    assert Vehicle.objects.get(pk=faulty.pk).state == "non_operational.grounded"
    other = cars.add(places[-1])
    tick()
    assert Ride.objects.get(pk=ride_id).vehicle_id == other.id
    no_violation()


def test_a_rider_in_a_faulty_car_is_taken_on_by_another(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    faulty = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    on_board(cars, booker, ride_id)
    cars.seen(faulty.id, places[30])
    cars.report(ride_id, lambda m, v: Fault(code="tyre", detail="flat", drivable=False))
    assert state_of(ride_id) == "transferring"
    stranded = Ride.objects.get(pk=ride_id)
    assert (stranded.pickup_lon, stranded.pickup_lat) == (places[30].lon, places[30].lat)
    rescuer = cars.add(places[-1])
    tick()
    rescue = Assignment.objects.get(ended_at__isnull=True)
    assert (rescue.vehicle_id, rescue.rescue) == (rescuer.id, True)
    on_board(cars, booker, ride_id)
    cars.arrive(ride_id, 1)
    cars.finish(ride_id)
    assert state_of(ride_id) == "completed"
    no_violation()


def test_a_hold_on_the_way_shows_and_goes_on(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    on_board(cars, booker, ride_id)
    cars.report(ride_id, lambda m, v: Held(reason="school bus"))
    assert state_of(ride_id) == "held"
    cars.report(ride_id, lambda m, v: Resumed(reason="road free"))
    assert state_of(ride_id) == "on_trip"
    cars.report(ride_id, lambda m, v: Held(reason="again"))
    cars.arrive(ride_id, 1)
    assert state_of(ride_id) == "alighting"
    cars.finish(ride_id)
    no_violation()


def test_a_rider_in_a_car_silent_for_long_is_rescued_and_not_before(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    on_board(cars, booker, ride_id)
    cars.seen(vehicle.id, places[30])
    cars.quiet_for(vehicle.id, 60)
    tick()
    Vehicle.objects.filter(pk=vehicle.pk).update(state_since=clock.now() - timedelta(seconds=60))
    tick()
    assert state_of(ride_id) == "on_trip"
    Vehicle.objects.filter(pk=vehicle.pk).update(
        state_since=clock.now() - timedelta(seconds=TIMING["rescue_silent_s"] + 1)
    )
    tick()
    assert state_of(ride_id) == "transferring"
    no_violation()


def test_a_rider_who_does_not_come_frees_the_car(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.arrive(ride_id, 0)
    tick()
    assert state_of(ride_id) == "arrived"
    Ride.objects.filter(pk=ride_id).update(state_since=clock.now() - timedelta(seconds=TIMING["no_show_s"] + 1))
    tick()
    assert (state_of(ride_id), Vehicle.objects.get(pk=vehicle.pk).state) == ("no_show", "available.idle")
    no_violation()


def test_a_rider_who_unlocks_and_stays_out_is_a_no_show_later(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.arrive(ride_id, 0)
    booker.order(ride_id, "unlock")
    late = TIMING["no_show_s"] + 1
    for expected in ("arrived", "no_show"):
        Ride.objects.filter(pk=ride_id).update(state_since=clock.now() - timedelta(seconds=late))
        tick()
        assert state_of(ride_id) == expected
    no_violation()


def test_a_ride_without_a_car_is_given_up_after_its_patience(
    booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    ride_id = booker.book(places[5], places[-5])
    tick()
    assert state_of(ride_id) == "matching"
    Ride.objects.filter(pk=ride_id).update(
        wanting_since=clock.now() - timedelta(seconds=TIMING["match_patience_s"] + 1)
    )
    tick()
    assert (state_of(ride_id), Ride.objects.get(pk=ride_id).end_reason) == ("rejected", "no_car_in_time")


def _planned(booker: Booker, cars: Cars, places: list[StopChoice], dispatcher: Dispatcher) -> Plan:
    booker.book(places[5], places[-5])
    dispatcher._open(TickReport())
    found = situation(clock.now(), TripLengths())
    return plan(found.rides[0], found.placed[0], found.planner)


def test_a_plan_for_a_ride_that_was_cancelled_meanwhile_leaves_no_trace(
    cars: Cars, booker: Booker, dispatcher: Dispatcher, places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[4])
    planned = _planned(booker, cars, places, dispatcher)
    booker.order(planned.ride.id, "cancel")
    with pytest.raises(Conflict):
        services.commit(fence=dispatcher.fence, plan=planned)
    assert Assignment.objects.count() == Mission.objects.count() == 0
    assert Vehicle.objects.get(pk=vehicle.pk).state == "available.idle"


def test_a_plan_for_a_car_that_was_taken_meanwhile_leaves_no_trace(
    cars: Cars, booker: Booker, dispatcher: Dispatcher, places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[4])
    planned = _planned(booker, cars, places, dispatcher)
    Vehicle.objects.filter(pk=vehicle.pk).update(state_version=vehicle.state_version + 1)
    with pytest.raises(Conflict):
        services.commit(fence=dispatcher.fence, plan=planned)
    assert Ride.objects.get().state == "matching"
    assert Mission.objects.count() == 0


def test_the_same_plan_can_be_committed_once_only(
    cars: Cars, booker: Booker, dispatcher: Dispatcher, places: list[StopChoice]
) -> None:
    cars.add(places[4])
    planned = _planned(booker, cars, places, dispatcher)
    services.commit(fence=dispatcher.fence, plan=planned)
    with pytest.raises(Conflict):
        services.commit(fence=dispatcher.fence, plan=planned)
    assert Assignment.objects.count() == 1
    no_violation()


def test_one_dispatcher_at_a_time_and_another_after_the_lease_has_run_out(city: Network) -> None:
    first = lease.acquire(holder="a", lease_s=60)
    assert first is not None
    assert lease.acquire(holder="b", lease_s=60) is None
    DispatcherLease.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    second = lease.acquire(holder="b", lease_s=60)
    assert second is not None
    assert second.epoch == first.epoch + 1
    with pytest.raises(LeaseLost):
        lease.renew(first, lease_s=60)
    lease.renew(second, lease_s=60)
    lease.release(second)
    assert lease.acquire(holder="c", lease_s=60) is not None


def test_a_dispatcher_that_outlived_its_lease_commits_nothing(
    cars: Cars, booker: Booker, dispatcher: Dispatcher, places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[4])
    planned = _planned(booker, cars, places, dispatcher)
    DispatcherLease.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert lease.acquire(holder="other", lease_s=60) is not None
    with pytest.raises(LeaseLost):
        services.commit(fence=dispatcher.fence, plan=planned)
    with pytest.raises(LeaseLost):
        dispatcher.tick()
    assert Assignment.objects.count() == 0
    assert Vehicle.objects.get(pk=vehicle.pk).state == "available.idle"


def test_a_fence_outside_a_transaction_guards_nothing_and_is_refused(dispatcher: Dispatcher) -> None:
    block = connection.in_atomic_block
    try:
        connection.in_atomic_block = False
        with pytest.raises(RuntimeError):
            lease.check(dispatcher.fence)
    finally:
        connection.in_atomic_block = block


def test_the_database_refuses_a_second_active_assignment_of_a_car_or_a_ride(
    cars: Cars,
    booker: Booker,
    new_booker: Callable[[], Booker],
    tick: Callable[[], TickReport],
    places: list[StopChoice],
) -> None:
    from django.db import IntegrityError

    cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    other = new_booker().book(places[6], places[-6])
    row = Assignment.objects.get(ride_id=ride_id)
    for changed in ({"ride_id": other}, {"vehicle_id": cars.add(places[7]).id}):
        values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(**{**values, **changed})


def test_two_dispatchers_by_turns_serve_every_ride_once(
    cars: Cars, new_booker: Callable[[], Booker], places: list[StopChoice]
) -> None:
    for stop in (places[0], places[10], places[-1]):
        cars.add(stop)
    rides = [new_booker().book(places[5 + 2 * k], places[-5 - k]) for k in range(3)]
    for name in ("a", "b", "a"):
        DispatcherLease.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        fence = lease.acquire(holder=name, lease_s=60)
        assert fence is not None
        Dispatcher(fence=fence, solver=BoundedSolver(deadline_s=5), clock=clock.now).tick()
    assert Assignment.objects.filter(ended_at__isnull=True).count() == 3
    assert {state_of(ride) for ride in rides} == {"reserved"}
    no_violation()
