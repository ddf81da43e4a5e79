#!/usr/bin/env python3
"""`make screenshots`: the README's pictures, made by the program itself.

Starts an installation of its own with a generated city, cars and riders, opens its pages in headless Chromium, and
writes docs/pictures/*.png.
"""

import argparse
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from ops import services
from ops.processes import PYTHON, ROOT
from ops.stack import Stack, create_database, drop_database, end_in_order_on_sigterm, place_with_free_ports

DATABASE = "hansom_pictures"
PICTURES = ROOT / "docs" / "pictures"
# Software rendering: machines that make pictures have no graphics card.
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


Scheme = Literal["light", "dark"]


def until(page: Page, question: str, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := page.evaluate(question)):
        if time.monotonic() > deadline:
            raise SystemExit(f"the page did not get there: {question}")
        time.sleep(0.2)
    return answer


class Camera:
    def __init__(self, browser: Browser, stack: Stack, passwords: dict[str, str]) -> None:
        self.browser, self.stack, self.passwords = browser, stack, passwords

    def page(self, size: ViewportSize, scheme: Scheme = "light", *, scale: float = 1) -> Page:
        context = self.browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=scale)
        page = context.new_page()
        page.set_default_timeout(60_000)
        return page

    def operator(self, size: ViewportSize, scheme: Scheme = "light", *, scale: float = 1) -> Page:
        page = self.page(size, scheme, scale=scale)
        page.goto(f"{self.stack.place.base_url}/login")
        page.fill("[name=username]", "operator")
        page.fill("[name=password]", self.passwords["operator"])
        page.click("main button[type=submit]")
        until(page, "window.hansom?.state.status === 'open' && hansom.state.ready")
        time.sleep(4)  # tiles and symbols
        return page

    def shoot(self, page: Page, name: str) -> None:
        page.screenshot(path=str(PICTURES / f"{name}.png"))
        print(f"[pictures] docs/pictures/{name}.png", flush=True)
        page.context.close()


def console(camera: Camera) -> None:
    camera.shoot(camera.operator(DESKTOP), "console")


def console_dark(camera: Camera) -> None:
    page = camera.operator(DESKTOP, "dark")
    car = until(page, "Object.entries(hansom.state.vehicles).find(([, v]) => v.state === 'on_trip.driving')")[0]
    page.click(f"#row-{car}")
    page.wait_for_selector("#panel:not([hidden]) .events li")
    time.sleep(4)
    camera.shoot(page, "console-dark")


def console_phone(camera: Camera) -> None:
    camera.shoot(camera.operator(PHONE, scale=2), "console-phone")


def zones(camera: Camera) -> None:
    page = camera.operator(DESKTOP)
    page.goto(f"{camera.stack.place.base_url}/console/zones/")
    until(page, "window.hansom?.state.ready")
    west, south, east, north = page.evaluate("hansom.map.getBounds().toArray().flat()")
    ring = [(0.47, 0.44), (0.55, 0.40), (0.61, 0.47), (0.57, 0.56), (0.49, 0.54)]
    page.click("#new-zone")
    page.fill("#zone-name", "Marathon, finish")
    places = ((west + (east - west) * x, south + (north - south) * y) for x, y in ring)
    page.fill("#zone-coordinates", "\n".join(f"{lon:.6f}, {lat:.6f}" for lon, lat in places))
    page.click("text=Save draft")
    page.wait_for_selector(".panel >> text=Publish…")
    time.sleep(4)
    camera.shoot(page, "zones")


def rider(camera: Camera) -> None:
    page = camera.page(PHONE, scale=2)
    page.goto(f"{camera.stack.place.base_url}/signup")
    page.fill("[name=username]", f"pictures-{time.time_ns()}")
    page.fill("[name=password]", secrets.token_urlsafe(12))
    page.click("main button[type=submit]")
    page.wait_for_selector("#pickup")
    west, south, east, north = page.evaluate("JSON.parse(document.getElementById('page').textContent).map.bounds")
    for name, x, y in (("pickup", 0.42, 0.44), ("dropoff", 0.6, 0.58)):
        page.fill(f"#{name}", f"{west + (east - west) * x:.6f}, {south + (north - south) * y:.6f}")
        page.press(f"#{name}", "Enter")
    page.wait_for_selector("#quote")
    time.sleep(4)
    page.screenshot(path=str(PICTURES / "rider-quote.png"))
    page.click("text=Book this ride")
    page.wait_for_selector("#ride[data-state=reserved], #ride[data-state=arrived]", timeout=90_000)
    time.sleep(5)
    camera.shoot(page, "rider-phone")


def api_docs(camera: Camera) -> None:
    page = camera.page(DESKTOP)
    page.goto(f"{camera.stack.place.base_url}/api/docs")
    page.wait_for_selector(".opblock")
    camera.shoot(page, "api-docs")


SHOTS: dict[str, Callable[[Camera], None]] = {
    shot.__name__: shot for shot in (console, console_dark, console_phone, zones, rider, api_docs)
}


def prepare(stack: Stack, junctions: int, cars: int) -> dict[str, str]:
    create_database(DATABASE)
    extract = str(stack.place.var / "city.osm.pbf")
    stack.manage("migrate", "--no-input", "--verbosity", "0")
    stack.manage("generate_city", extract, "--junctions", str(junctions))
    stack.manage("import_city", extract)
    stack.manage("open_service_area")
    stack.manage("provision_cars", "--count", str(cars))
    lines = stack.manage("seed_accounts").splitlines()
    return dict(line.split("\t") for line in lines if "\t" in line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SHOTS, nargs="+", default=list(SHOTS), help="which pictures (default: all)")
    parser.add_argument("--junctions", type=int, default=2000, help="size of the city (default 2000)")
    parser.add_argument("--cars", type=int, default=40, help="cars in service (default 40)")
    options = parser.parse_args()
    end_in_order_on_sigterm()
    env = services.ensure_env()
    services.start_postgres(env)
    services.start_redis(env)
    PICTURES.mkdir(parents=True, exist_ok=True)
    var = Path(tempfile.mkdtemp(prefix="hansom-pictures-"))
    stack = Stack(place_with_free_ports(var, db_name=DATABASE, redis_db=61, time_factor=2.0))
    try:
        passwords = prepare(stack, options.junctions, options.cars)
        with stack.up(), sync_playwright() as playwright:
            place = stack.place
            riders = subprocess.Popen(
                [
                    PYTHON,
                    "manage.py",
                    "drive_demand",
                    "--forever",
                    "--rate",
                    "12",
                    "--base-url",
                    place.base_url,
                    "--quiet",
                ],
                cwd=ROOT,
                env=place.environment("demand"),
            )
            time.sleep(120)  # until riders ride
            camera = Camera(
                playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS), stack, passwords
            )
            for name in options.only:
                SHOTS[name](camera)
            riders.terminate()
    finally:
        drop_database(DATABASE)
        shutil.rmtree(var, ignore_errors=True)


if __name__ == "__main__":
    main()
