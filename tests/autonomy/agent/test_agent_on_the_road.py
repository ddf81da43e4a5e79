"""The real process, a real websocket, the real world: rides from the first order to the empty cabin."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from autonomy.link import messages as m
from autonomy.link.signing import public_text, write_new_key
from tests.autonomy.agent.town import LAT0, LON0, SPACING_M, write_town
from tests.autonomy.link.keys import FLEET_KEY, VEHICLE
from tests.autonomy.link.platform_server import Platform

FACTOR = 20
EAST_EDGES = [0, 4, 8]  # along the southern street, from junction 0 to junction 3


@pytest.fixture
def depot(tmp_path: Path) -> Path:
    """A car at the kerb of edge 0 and the map of the town."""
    write_town(tmp_path / "town.npz")
    folder = tmp_path / "cars" / VEHICLE
    folder.mkdir(parents=True)
    write_new_key(folder / "key.pem")
    car = {
        "vehicle_id": VEHICLE,
        "platform": "p7",
        "fleet_key": public_text(FLEET_KEY),
        "start": [LON0 + 0.0008, LAT0],
        "seats": 4,
    }
    (folder / "car.json").write_text(json.dumps(car))
    return tmp_path


@pytest.fixture
async def platform(depot: Path) -> AsyncIterator[Platform]:
    from autonomy.agent.config import load_car

    car = load_car(depot / "cars" / VEHICLE)
    server = Platform({VEHICLE: public_text(car.key)})
    await server.start()
    yield server
    await server.stop()


class Process:
    """`python -m autonomy agent`."""

    def __init__(self, depot: Path, url: str) -> None:
        self._command = [sys.executable, "-m", "autonomy", "agent", "--server", url, "--cars", str(depot / "cars")]
        self._command += ["--map", str(depot / "town.npz"), "--time-factor", str(FACTOR)]
        self._log = (depot / "agent.log").open("ab")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stderr=self._log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@contextlib.contextmanager
def driven(depot: Path, platform: Platform) -> Iterator[Process]:
    process = Process(depot, platform.url)
    try:
        yield process
    finally:
        process.kill()


def ride(start_offset_m: float) -> m.AssignMission:
    """Picks up on edge 4 and sets down on edge 8."""
    stops = [
        m.StopSpec(stop_index=0, kind="pickup", lon=LON0, lat=LAT0, edge=4, offset_m=75.0, wait_for_proceed=True),
        m.StopSpec(stop_index=1, kind="dropoff", lon=LON0, lat=LAT0, edge=8, offset_m=75.0),
    ]
    legs = [
        m.LegSpec(
            stop_index=0, edges=[0, 4], start_offset_m=start_offset_m, end_offset_m=75.0, distance_m=170, duration_s=30
        ),
        m.LegSpec(
            stop_index=1, edges=[4, 8], start_offset_m=75.0, end_offset_m=75.0, distance_m=SPACING_M, duration_s=30
        ),
    ]
    return m.AssignMission(
        mission_id="m1",
        version=1,
        previous_mission_id=None,
        previous_version=0,
        purpose="ride",
        map_digest="town",
        odd_version=1,
        stops=stops,
        legs=legs,
    )


WHOLE_RIDE = [
    m.StopArrived(mission_id="m1", version=1, stop_index=0),
    m.DoorsChanged(open=True),
    m.DoorsChanged(open=False),
    m.StopDeparted(mission_id="m1", version=1, stop_index=0),
    m.StopArrived(mission_id="m1", version=1, stop_index=1),
    m.DoorsChanged(open=True),
    m.DoorsChanged(open=False),
    m.CabinEmpty(mission_id="m1", version=1, stop_index=1),
    m.MissionCompleted(mission_id="m1", version=1),
]


async def begin(platform: Platform) -> None:
    """Until the car drives to its pickup."""
    await platform.until(lambda: platform.samples[VEHICLE], 30)
    now = platform.samples[VEHICLE][-1]
    assert now.edge == 0
    platform.command(VEHICLE, ride(now.offset_m))
    await platform.until(lambda: platform.acks[VEHICLE])
    assert platform.acks[VEHICLE][1] == m.CommandAck(seq=1, outcome="accepted")


async def let_in(platform: Platform) -> None:
    platform.command(VEHICLE, m.UnlockDoors(mission_id="m1"))
    platform.command(VEHICLE, m.Proceed(mission_id="m1", version=1, stop_index=0))


def arrived(platform: Platform, stop_index: int) -> bool:
    return m.StopArrived(mission_id="m1", version=1, stop_index=stop_index) in platform.bodies(VEHICLE)


async def test_a_car_drives_a_ride_and_ends_clean(depot: Path, platform: Platform) -> None:
    with driven(depot, platform) as agent:
        await begin(platform)
        await platform.until(lambda: arrived(platform, 0), 30)
        await let_in(platform)
        await platform.until(lambda: len(platform.events[VEHICLE]) == len(WHOLE_RIDE), 30)
        assert platform.bodies(VEHICLE) == WHOLE_RIDE
        await asyncio.sleep(0.6)
        last = platform.samples[VEHICLE][-1]
        assert (last.edge, last.mission_id, last.doors_open, last.occupied) == (8, None, False, False)
        assert last.offset_m == pytest.approx(75.0, abs=3.0)
        assert any(sample.occupied for sample in platform.samples[VEHICLE])
        assert max(sample.speed_mps for sample in platform.samples[VEHICLE]) <= 30 / 3.6 + 0.5
        assert agent.terminate() == 0
    assert "stopped; 1 journals written" in (depot / "agent.log").read_text()


async def test_a_killed_car_goes_on_where_it_was(depot: Path, platform: Platform) -> None:
    """Killed on the way to the pickup, at the pickup, with the rider inside, and while the rider gets out."""
    with driven(depot, platform) as agent:

        async def kill() -> None:
            agent.kill()
            hellos = len(platform.hellos)
            agent.start()
            await platform.until(lambda: len(platform.hellos) > hellos, 30)

        await begin(platform)
        await asyncio.sleep(0.3)
        before = platform.samples[VEHICLE][-1]
        await kill()
        assert platform.hellos[-1].reported_state == "reserved.enroute"
        assert (platform.hellos[-1].mission_id, platform.hellos[-1].mission_version) == ("m1", 1)
        await platform.until(lambda: platform.samples[VEHICLE][-1].ts_ms > before.ts_ms + 500, 10)
        assert platform.samples[VEHICLE][-1].odometer_m >= before.odometer_m - 0.1
        await platform.until(lambda: arrived(platform, 0), 30)
        await kill()
        assert platform.hellos[-1].reported_state == "stopped.at_pickup"
        await let_in(platform)
        await platform.until(
            lambda: m.StopDeparted(mission_id="m1", version=1, stop_index=0) in platform.bodies(VEHICLE), 30
        )
        await kill()
        assert platform.hellos[-1].reported_state == "on_trip.driving"
        await platform.until(lambda: arrived(platform, 1), 30)
        await kill()
        await platform.until(lambda: len(platform.events[VEHICLE]) == len(WHOLE_RIDE), 30)
        assert platform.bodies(VEHICLE) == WHOLE_RIDE
        assert [event.seq for event in platform.events[VEHICLE]] == list(range(1, len(WHOLE_RIDE) + 1))


async def test_a_car_without_a_link_finishes_its_leg_and_tells_of_it_later(depot: Path, platform: Platform) -> None:
    with driven(depot, platform):
        await begin(platform)
        await platform.stop()
        await asyncio.sleep(4.0)
        assert not platform.events[VEHICLE]
        await platform.start()
        await platform.until(lambda: arrived(platform, 0), 10)
        stamps = [sample.ts_ms for sample in platform.samples[VEHICLE]]
        assert stamps == sorted(set(stamps))
        assert max(later - earlier for earlier, later in pairwise(stamps)) < 1500


async def test_a_held_car_stands_until_it_is_released(depot: Path, platform: Platform) -> None:
    with driven(depot, platform):
        await begin(platform)
        await platform.until(lambda: platform.samples[VEHICLE][-1].speed_mps > 2.0)
        platform.command(VEHICLE, m.Hold())
        await platform.until(lambda: m.Held(reason="hold") in platform.bodies(VEHICLE))
        await asyncio.sleep(0.6)
        assert platform.samples[VEHICLE][-1].speed_mps < 0.1
        assert not arrived(platform, 0)
        platform.command(VEHICLE, m.Release())
        await platform.until(lambda: arrived(platform, 0), 30)


async def test_a_car_whose_mission_is_cancelled_gets_out_of_the_way(depot: Path, platform: Platform) -> None:
    with driven(depot, platform):
        await begin(platform)
        await platform.until(lambda: platform.samples[VEHICLE][-1].speed_mps > 2.0)
        platform.command(VEHICLE, m.CancelMission(mission_id="m1", version=1))
        await platform.until(lambda: platform.samples[VEHICLE][-1].speed_mps < 0.1)
        assert platform.acks[VEHICLE][2].outcome == "accepted"
        assert platform.samples[VEHICLE][-1].mission_id is None
        assert platform.events[VEHICLE] == []
        last = platform.samples[VEHICLE][-1]
        kerb_m = (LAT0 - last.lat) * 111_320
        assert kerb_m == pytest.approx(3.25 / 2 + 2.7, abs=0.6), "it stands beside the lane of the southern street"


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda depot: (depot / "town.npz").write_bytes(b"no map"), "map:"),
        (lambda depot: (depot / "cars" / VEHICLE / "key.pem").write_bytes(b"no key"), "key.pem"),
        (lambda depot: (depot / "cars" / VEHICLE / "car.json").write_text('{"vehicle_id": 3}'), "car.json"),
        (lambda depot: (depot / "cars" / VEHICLE / "car.json").unlink(), "no car in it"),
    ],
)
def test_a_car_that_can_not_start_says_why(depot: Path, break_it: Callable[[Path], object], words: str) -> None:
    break_it(depot)
    done = agent("--server", "ws://127.0.0.1:9/", "--cars", str(depot / "cars"), "--map", str(depot / "town.npz"))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_agent_starts_without_django_and_torch() -> None:
    code = (
        "import sys; import autonomy.agent.cli, autonomy.agent.loop, autonomy.link.client, autonomy.sim.world, "
        "autonomy.policy.rules; print([n for n in ('django', 'torch', 'celery') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_line_explains_itself() -> None:
    done = agent("--help")
    assert done.returncode == 0
    for word in ("--server", "--cars", "--map", "--time-factor", "car.json", "SIGTERM"):
        assert word in done.stdout


def agent(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autonomy", "agent", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
