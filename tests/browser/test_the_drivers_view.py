"""An operator looks through a car's cameras, tells its driver something, and reads the releases; on a phone too."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from ops.stack import Stack, admin_connection
from tests.browser.conftest import OpenScreen, Screen

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def record(stack: Stack) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    connection = admin_connection(stack.place.db_name)
    yield connection
    connection.close()


def looks(record: psycopg.Connection[tuple[Any, ...]], car: str) -> list[str]:
    rows = record.execute(
        "SELECT kind FROM fleet_ledgerentry WHERE subject_id = %s AND kind LIKE 'vehicle.cameras%%' ORDER BY seq", [car]
    )
    return [row[0] for row in rows.fetchall()]


def online_car(screen: Screen) -> str:
    """The first car that has a link; the cars' process takes its time to load map and world."""
    found = "Object.entries(hansom.state.vehicles).find(([, v]) => v.link === 'online')?.[0]"
    return str(screen.until(found, seconds=120, why="a car with a link"))


def open_a_car(screen: Screen) -> str:
    car = online_car(screen)
    screen.page.click(f"#row-{car}")
    screen.page.wait_for_selector("#panel:not([hidden]) .driver")
    return car


def test_a_look_is_asked_for_shown_with_its_age_and_written_down(
    operator: Screen, record: psycopg.Connection[tuple[Any, ...]]
) -> None:
    page = operator.page
    car = open_a_car(operator)
    assert looks(record, car) == []
    page.keyboard.press("c")
    operator.until("document.querySelector('.driver-age:not([hidden])')", why="a view of the driver")
    operator.until("document.querySelector('.driver-age').dataset.kind === 'good'", why="a fresh view")
    assert "s old" in page.inner_text(".driver-age")
    assert page.inner_text(".driver-says").strip()
    assert page.get_attribute(".plan-canvas", "aria-label")
    assert looks(record, car) == ["vehicle.cameras_opened"]
    page.keyboard.press("c")
    operator.until("!document.querySelector('.driver-shown')")
    operator.until(
        "[...document.querySelectorAll('.events .event-title')].some((e) => e.textContent === 'Cameras closed')",
        why="the look in the car's ledger",
    )
    assert looks(record, car) == ["vehicle.cameras_opened", "vehicle.cameras_closed"]
    assert operator.errors == []


def test_a_picture_that_is_no_longer_of_now_is_greyed_and_says_so(operator: Screen, stack: Stack) -> None:
    open_a_car(operator)
    operator.page.keyboard.press("c")
    operator.until("document.querySelector('.driver-age')?.dataset.kind === 'good'", why="a fresh view")
    stack.kill("agent")
    try:
        operator.until("document.querySelector('.driver.is-late')", why="the greyed view")
        assert operator.page.locator(".driver-age").get_attribute("data-kind") in ("warn", "bad")
        operator.until("document.querySelector('.driver-status:not([hidden])')", seconds=40, why="what has happened")
    finally:
        stack.start("agent")
    operator.until("document.querySelector('.driver-age').dataset.kind === 'good'", seconds=60, why="the car is back")
    assert operator.errors == []


def test_the_driver_is_told_in_plain_english_and_repeats_it(operator: Screen) -> None:
    page = operator.page
    open_a_car(operator)
    page.keyboard.press("c")
    page.wait_for_selector(".driver-shown:not([hidden]) #tell-driver")
    page.fill("#tell-driver", "pull over past the crossing")
    page.keyboard.press("Enter")
    operator.until("document.querySelector('.toast')?.textContent.startsWith('Told.')")
    heard = "[...document.querySelectorAll('.driver .facts dd')].map((e) => e.textContent)"
    operator.until(
        f"{heard}.includes('pull over past the crossing')",
        why="the instruction as the car has heard it",
    )
    page.click("text=Take back")
    operator.until("document.querySelector('.tell .plain').hidden", why="the end of the instruction")


def test_on_a_phone_everything_of_the_look_is_within_the_screen(
    stack: Stack, accounts: dict[str, str], open_screen: OpenScreen
) -> None:
    screen = open_screen(width=390, height=844)
    page = screen.page
    page.goto(f"{stack.place.base_url}/login")
    page.fill("[name=username]", "operator")
    page.fill("[name=password]", accounts["operator"])
    page.click("main button[type=submit]")
    screen.until("window.hansom?.state.ready")
    car = online_car(screen)
    page.evaluate(f"hansom.store.select('vehicle', '{car}')")
    page.click("text=Look through its cameras")
    page.wait_for_selector(".driver-shown:not([hidden])")
    wide = "[...document.querySelectorAll('.driver *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)"
    assert page.evaluate(f"{wide}.map((e) => e.className)") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_releases_page_fits_the_screen_and_tells_what_there_is(stack: Stack, operator: Screen, width: int) -> None:
    page = operator.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{stack.place.base_url}/console/releases/")
    operator.until("window.hansom?.releasesShown")
    assert page.inner_text("h1") == "Releases"
    assert page.locator("#releases > *").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert operator.errors == []
