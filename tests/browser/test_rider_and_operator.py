"""What people see and do: a ride from booking to receipt, followed by an operator; a zone that closes a street."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from shapely.geometry import LineString, Polygon

from ops.stack import Stack
from tests.browser.conftest import OpenScreen, Screen

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.xdist_group("browser")]
Place = tuple[float, float]
REMEMBER_STATES = """() => {
  window.seenStates = [];
  hansom.store.on("state", () => {
    for (const { state } of Object.values(hansom.state.rides)) if (seenStates.at(-1) !== state) seenStates.push(state);
  });
}"""


def at(screen: Screen, x: float, y: float) -> Place:
    """A place in the city, by shares of its width and height."""
    west, south, east, north = screen.page.evaluate(
        "JSON.parse(document.getElementById('page').textContent).map.bounds"
    )
    return west + (east - west) * x, south + (north - south) * y


def choose(screen: Screen, pickup: Place, dropoff: Place) -> None:
    for name, (lon, lat) in (("pickup", pickup), ("dropoff", dropoff)):
        screen.page.fill(f"#{name}", f"{lon:.6f}, {lat:.6f}")
        screen.page.press(f"#{name}", "Enter")


def quoted_way(screen: Screen) -> list[list[float]]:
    screen.page.wait_for_selector("#quote")
    way: list[list[float]] = screen.page.evaluate(
        "hansom.app.map.lines.features.find((f) => f.properties.role === 'trip').geometry.coordinates"
    )
    return way


def test_a_ride_is_booked_and_followed_to_its_end_on_the_operators_map(operator: Screen, rider: Screen) -> None:
    operator.page.evaluate(REMEMBER_STATES)
    choose(rider, at(rider, 0.3, 0.35), at(rider, 0.72, 0.68))
    rider.page.wait_for_selector("#quote")
    assert rider.page.inner_text("#price")[1:].replace(".", "").isdigit()
    rider.page.click("text=Book this ride")
    ride_id = rider.page.locator("#ride").get_attribute("data-ride")

    operator.until(f"hansom.state.rides['{ride_id}']", why="the ride on the operator's map")
    operator.page.click("[data-tab=rides]")
    operator.page.click(f"#row-{ride_id}")
    operator.page.wait_for_selector("#panel:not([hidden]) .events li")

    rider.page.wait_for_selector("#unlock:not([hidden])", timeout=90_000)
    car = operator.until(f"hansom.state.rides['{ride_id}'].vehicle_id")
    assert operator.until(f"hansom.state.vehicles['{car}'].state === 'stopped.at_pickup'")
    operator.until("hansom.view.route.features.length >= 1", why="the road of the ride")
    rider.page.click("#unlock")
    rider.page.click("#start:not([hidden])")
    operator.until(f"hansom.state.vehicles['{car}'].state === 'on_trip.driving'", why="the car drives")
    rider.page.wait_for_selector("#ride[data-state=completed]", timeout=90_000)
    assert "Paid" in rider.page.inner_text(".receipt")
    operator.until(f"!hansom.state.rides['{ride_id}']", why="the ride leaves the map")
    seen = operator.page.evaluate("window.seenStates")
    assert [state for state in seen if state in ("reserved", "arrived", "boarding", "on_trip", "alighting")] == (
        ["reserved", "arrived", "boarding", "on_trip", "alighting"]
    )
    assert operator.page.wait_for_selector("text=It has ended")
    assert rider.errors + operator.errors == []


def square_around(lon: float, lat: float, half_m: float) -> list[Place]:
    dx, dy = half_m / 71_000, half_m / 111_000
    return [(lon - dx, lat - dy), (lon + dx, lat - dy), (lon + dx, lat + dy), (lon - dx, lat + dy)]


def publish_zone(operator: Screen, base_url: str, name: str, ring: list[Place]) -> None:
    page = operator.page
    page.goto(f"{base_url}/console/zones/")
    operator.until("window.hansom?.state.ready", why="the zones")
    page.click("#new-zone")
    page.fill("#zone-name", name)
    page.fill("#zone-coordinates", "\n".join(f"{lon:.6f}, {lat:.6f}" for lon, lat in ring))
    page.click("text=Save draft")
    page.click(".panel >> text=Publish…")
    page.fill("#dialog-reason", "Street market")
    page.click("dialog button[type=submit]")
    page.wait_for_selector(".toast >> text=Published as version")


def test_a_published_no_go_zone_refuses_the_next_quote_and_the_way_goes_round_it(
    stack: Stack, operator: Screen, rider: Screen
) -> None:
    start, end = at(rider, 0.25, 0.5), at(rider, 0.78, 0.5)
    choose(rider, start, end)
    before = quoted_way(rider)
    middle = LineString(before).interpolate(0.5, normalized=True)
    ring = square_around(middle.x, middle.y, 35)
    closed = Polygon(ring)
    assert LineString(before).intersects(closed)

    publish_zone(operator, stack.place.base_url, "Street market", ring)
    rider.page.click("text=Change the places")
    choose(rider, (middle.x, middle.y), end)
    rider.page.wait_for_selector("#refusal:not([hidden])")
    assert "Street market" in rider.page.inner_text("#refusal")
    assert rider.page.get_attribute("#refusal", "data-code") == "no_go"
    assert rider.page.inner_text(".refused") == "Street market"
    assert rider.page.get_attribute("#pickup", "aria-invalid") == "true"

    choose(rider, start, end)
    after = quoted_way(rider)
    assert not LineString(after).intersects(closed)
    assert operator.errors + rider.errors == []


def test_a_zone_that_crosses_itself_is_refused_with_the_reason_and_nothing_is_drafted(
    stack: Stack, operator: Screen
) -> None:
    page = operator.page
    page.goto(f"{stack.place.base_url}/console/zones/")
    operator.until("window.hansom?.state.ready")
    drafts = page.evaluate("Object.keys(hansom.state.zones).length")
    (a, b, c, d) = square_around(*at(operator, 0.5, 0.5), 100)
    page.click("#new-zone")
    page.fill("#zone-name", "Bow tie")
    page.fill("#zone-coordinates", "\n".join(f"{lon}, {lat}" for lon, lat in (a, c, b, d)))
    page.click("text=Save draft")
    page.wait_for_selector("[data-error=geometry]:not([hidden])")
    assert "Self-intersection" in page.inner_text("[data-error=geometry]")
    assert page.evaluate("Object.keys(hansom.state.zones).length") == drafts


def test_a_car_is_found_held_and_released_with_the_keyboard_alone(operator: Screen) -> None:
    page = operator.page
    idle = "Object.entries(hansom.state.vehicles).find(([, v]) => v.state === 'available.idle' && v.link === 'online')"
    car, vehicle = operator.until(idle, why="a free car")
    page.keyboard.press("/")
    page.keyboard.type(vehicle["plate"])
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#panel:not([hidden]) h2 >> text={vehicle['plate']}")
    page.focus("#panel .actions button:has-text('Hold')")
    page.keyboard.press("Enter")
    page.keyboard.type("keyboard test")
    page.keyboard.press("Tab")
    for _ in range(5):  # past the suggested reasons and "keep as it is"
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    operator.until(f"hansom.state.vehicles['{car}'].state === 'available.held'", why="the hold")
    page.click("#panel .actions button:has-text('Release')")
    page.click("dialog .chip")
    page.click("dialog button[type=submit]")
    operator.until(f"hansom.state.vehicles['{car}'].held_by === ''", why="the release")
    page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel", state="hidden")


@pytest.fixture
def other_origin() -> Iterator[str]:
    """A web page that is not ours, on the same machine."""

    class Blank(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


DIAL = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onopen = () => resolve("open");
  socket.onclose = () => resolve("refused");
})"""


def test_a_page_of_another_origin_gets_no_socket_with_the_operators_cookie(
    stack: Stack, operator: Screen, other_origin: str
) -> None:
    url = f"{stack.place.ws_url}/ws/console"
    assert operator.page.evaluate(DIAL, url) == "open"  # the control: from our page it opens
    elsewhere = operator.context.new_page()
    elsewhere.goto(other_origin)
    assert elsewhere.evaluate(DIAL, url) == "refused"


def test_without_the_socket_server_the_map_says_so_and_catches_up_by_itself(stack: Stack, operator: Screen) -> None:
    stack.kill("sockets")
    operator.page.wait_for_selector("#line[data-status=closed]")
    operator.page.wait_for_selector("#notice:not([hidden])")
    stack.start("sockets")
    operator.until("hansom.state.status === 'open'", seconds=60, why="the line again")
    newest = operator.page.evaluate("fetch('/api/console/snapshot').then((r) => r.json()).then((s) => s.seq)")
    operator.until(f"hansom.state.seq >= {newest}", why="what was missed")
    assert operator.errors == []


@pytest.mark.parametrize("path", ["/", "/login", "/signup"])
def test_pages_fit_a_phone(stack: Stack, open_screen: OpenScreen, path: str) -> None:
    screen = open_screen(width=390, height=844, is_mobile=True, has_touch=True)
    screen.page.goto(stack.place.base_url + path)
    assert screen.page.evaluate("document.documentElement.scrollWidth") == 390
    assert screen.errors == []
