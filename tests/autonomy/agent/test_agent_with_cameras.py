"""The real process with a release whose weights are random, a real websocket, real pictures: it starts, says what
drives it, shows what it sees to those who look, and survives that its plans are nonsense."""

import asyncio
import contextlib
import io
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autonomy.agent.config import load_car
from autonomy.link.signing import public_text, write_new_key
from autonomy.model.config import ModelConfig
from autonomy.model.release import build, save_release
from tests.autonomy.agent.town import LAT0, LON0, write_town
from tests.autonomy.link.keys import FLEET_KEY, VEHICLE
from tests.autonomy.link.platform_server import Platform

pytestmark = pytest.mark.live

OTHER = "0199aaaa-0000-7000-8000-0000000000ff"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    save_release(folder / "vla-2.0", build(ModelConfig.of("vla-2.0"), seed=0), {})
    return folder


@pytest.fixture
def depot(tmp_path: Path) -> Path:
    """Two cars in two streets of the town."""
    write_town(tmp_path / "town.npz")
    for vehicle_id, lat in ((VEHICLE, LAT0), (OTHER, LAT0 + 2 * 150 / 111_200)):
        folder = tmp_path / "cars" / vehicle_id
        folder.mkdir(parents=True)
        write_new_key(folder / "key.pem")
        about = {"vehicle_id": vehicle_id, "platform": "p7", "fleet_key": public_text(FLEET_KEY)}
        (folder / "car.json").write_text(json.dumps({**about, "start": [LON0 + 0.0008, lat]}))
    return tmp_path


@pytest.fixture
async def platform(depot: Path) -> AsyncIterator[Platform]:
    keys = {name: public_text(load_car(depot / "cars" / name).key) for name in (VEHICLE, OTHER)}
    server = Platform(keys)
    await server.start()
    yield server
    await server.stop()


@contextlib.contextmanager
def driven(depot: Path, url: str, releases: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable, "-m", "autonomy", "agent", "--server", url, "--cars", str(depot / "cars"),
        "--map", str(depot / "town.npz"), "--releases", str(releases), "--policy", "vla-2.0:1,rules", *more,
    ]  # fmt: skip
    with (depot / "agent.log").open("ab") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_people_look_through_the_cameras_of_both_cars(depot: Path, platform: Platform, releases: Path) -> None:
    metrics = depot / "agent.prom"
    with driven(depot, platform.url, releases, "--metrics", str(metrics), "--traffic", "3,3") as agent:
        await platform.until(lambda: len(platform.sessions) == 2, 90)
        software = {hello.vehicle_id: hello.software.split()[0] for hello in platform.hellos}
        assert software == {VEHICLE: "vla-2.0", OTHER: "rules/1"}
        await platform.until(lambda: all(platform.samples[name] for name in (VEHICLE, OTHER)), 30)
        assert platform.views == {VEHICLE: [], OTHER: []}  # nobody looks
        for name in (VEHICLE, OTHER):
            platform.watch(name, 40.0)
        await platform.until(lambda: all(len(platform.views[name]) >= 4 for name in (VEHICLE, OTHER)), 30)
        await platform.until(lambda: platform.views[VEHICLE][-1].uncertainty is not None, 30)
        mine, other = platform.views[VEHICLE][-1], platform.views[OTHER][-1]
        assert (mine.release, other.release) == ("vla-2.0", "rules")
        for view in (mine, other):
            pictures = [np.asarray(Image.open(io.BytesIO(picture.jpeg))) for picture in view.pictures]
            assert [picture.shape for picture in pictures] == [(64, 128, 3)] * 5
            assert all(picture.std() > 5.0 for picture in pictures), "a street, not a blank wall"
        assert other.uncertainty is None
        assert mine.latency_ms > 0.0
        await platform.until(metrics.exists, 30)
        agent.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(agent.wait, 20) == 0
    assert 'hansom_policy_cars{release="vla-2.0",role="drives"} 1' in metrics.read_text()
    assert "Traceback" not in (depot / "agent.log").read_text()


async def test_a_release_that_does_not_open_costs_its_own_car_its_driver_and_nobody_else(
    depot: Path, platform: Platform, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    (broken / "vla-2.0").mkdir(parents=True)
    (broken / "vla-2.0" / "manifest.json").write_text('{"format": 1, "config": {}, "sha256": ""}')
    with driven(depot, platform.url, broken):
        await platform.until(lambda: all(platform.samples[name] for name in (VEHICLE, OTHER)), 90)
        await platform.until(lambda: platform.samples[VEHICLE][-1].drive_mode == "MRC_REACHED", 60)
        assert platform.samples[OTHER][-1].drive_mode == "AUTONOMOUS"
    assert "can't be opened, its cars stay where they are" in (depot / "agent.log").read_text()


def test_an_unknown_release_and_a_bad_share_are_refused_before_anything_starts(depot: Path, releases: Path) -> None:
    for policy, words in (("vla-9", "there are rules, vla-2.0"), ("vla-2.0:x", "has no number of cars")):
        command = [sys.executable, "-m", "autonomy", "agent", "--server", "ws://127.0.0.1:9/", "--cars"]
        command += [str(depot / "cars"), "--map", str(depot / "town.npz"), "--releases", str(releases)]
        done = subprocess.run([*command, "--policy", policy], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
