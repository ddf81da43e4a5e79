"""A real Chromium in front of a whole stack."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ops.stack import Stack
from tests.live.conftest import make_stack, stack, template

__all__ = ["make_stack", "stack", "template"]

PASSWORD = "a password for browsers"
# Software rendering: machines that test have no graphics card.
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module. Not for the session: Playwright holds an event loop, and would lame async tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Screen:
    """One person's browser. Errors of its pages are kept: a story must end without any."""

    page: Page
    context: BrowserContext
    errors: list[str] = field(default_factory=list)

    def until(self, question: str, *, seconds: float = 30, why: str = "") -> Any:
        """Ask the page until the answer is truthy. (`wait_for_function` needs eval, which our policy forbids.)"""
        deadline = time.monotonic() + seconds
        while not (answer := self.page.evaluate(question)):
            if time.monotonic() > deadline:
                raise AssertionError(f"{why or question} did not come in {seconds} s; errors: {self.errors}")
            time.sleep(0.15)
        return answer


OpenScreen = Callable[..., Screen]


@pytest.fixture
def open_screen(chromium: Browser) -> Iterator[OpenScreen]:
    """open_screen(width=1280, height=800): a fresh browser profile."""
    contexts: list[BrowserContext] = []

    def make(*, width: int = 1280, height: int = 800, **options: Any) -> Screen:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        screen = Screen(page, context)
        page.on("pageerror", lambda error: screen.errors.append(str(error)))
        page.on("console", lambda said: screen.errors.append(said.text) if "Content Security" in said.text else None)
        return screen

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def accounts(stack: Stack) -> dict[str, str]:
    """Password by role, of the accounts that the set-up makes."""
    stack.manage("seed_accounts")
    lines = (stack.place.var / "credentials").read_text().splitlines()
    return dict(line.split("\t") for line in lines if "\t" in line)


@pytest.fixture
def operator(stack: Stack, accounts: dict[str, str], open_screen: OpenScreen) -> Screen:
    """An operator before the live map."""
    screen = open_screen()
    page = screen.page
    page.goto(f"{stack.place.base_url}/login")
    page.fill("[name=username]", "operator")
    page.fill("[name=password]", accounts["operator"])
    page.click("main button[type=submit]")
    screen.until("window.hansom?.state.status === 'open' && hansom.state.ready", why="the live map")
    return screen


@pytest.fixture
def rider(stack: Stack, open_screen: OpenScreen) -> Screen:
    """A new rider before the ride page."""
    screen = open_screen()
    page = screen.page
    page.goto(f"{stack.place.base_url}/signup")
    page.fill("[name=username]", f"rider-{time.time_ns()}")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("#pickup")
    return screen
