"""What panels and pages of the console read beyond the snapshot."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fleet.base import clock
from fleet.ledger import selectors as ledger
from fleet.ledger.domain import LedgerEvent
from fleet.missions import selectors as missions
from fleet.vehicles import selectors as vehicles
from fleet.vehicles.public import public_row
from geofence.roads import selectors as roads

HISTORY = 40
# Members of an event's data that say something to a person, in the order in which they are told.
_TOLD = ("from", "to", "state", "command", "purpose", "code", "question", "detail", "note", "version", "reason")


def positions() -> list[list[Any]]:
    """Where every car was last heard, in the form of the socket's `positions`."""
    rows = vehicles.last_known_all().values()
    return [[str(r.vehicle_id), r.lon, r.lat, r.heading_deg, r.speed_mps, r.soc_pct, clock.unix_ms(r.ts)] for r in rows]


def vehicle_detail(vehicle_id: UUID) -> dict[str, Any]:
    """One car with its last report and the road that it has before it. Raises NotFound."""
    vehicle = vehicles.get(vehicle_id)
    status = vehicles.last_known(vehicle_id)
    mission = missions.open_of(vehicle_id)
    shown = None
    if mission is not None:
        legs = [asdict(leg) for leg in missions.drawn_legs(mission)]
        stops = [{name: stop[name] for name in ("stop_index", "kind", "lon", "lat", "name")} for stop in mission.stops]
        shown = {
            "id": str(mission.pk),
            "purpose": mission.purpose,
            "purpose_id": str(mission.purpose_id) if mission.purpose_id else None,
            "state": mission.state,
            "version": mission.version,
            "stop_index": mission.stop_index,
            "at_stop": mission.at_stop,
            "odd_version": mission.odd_version,
            "stops": stops,
            "legs": legs,
        }
    orders = missions.newest_orders(vehicle_id)
    report = {k: v for k, v in asdict(status).items() if k != "vehicle_id"} if status else None
    about = {**public_row(vehicle), "order": orders.get(str(vehicle_id))}
    return {"id": str(vehicle_id), **about, "report": report, "mission": shown}


@dataclass(frozen=True)
class ToldEvent:
    """A ledger entry in words."""

    seq: int
    at: datetime
    title: str
    actor: str
    detail: str


def history(subject_type: str, subject_id: UUID) -> list[ToldEvent]:
    """The newest entries about one thing, newest first."""
    return [_told(event) for event in reversed(ledger.of_subject(subject_type, subject_id, HISTORY))]


def _told(event: LedgerEvent) -> ToldEvent:
    title = event.kind.partition(".")[2].replace("_", " ").capitalize()
    if {"from", "to"} <= event.data.keys() and event.data["from"] != event.data["to"]:
        title = f"{event.data['from']} → {event.data['to']}"
    shown = [_words(name, event.data[name]) for name in _TOLD if event.data.get(name) not in (None, "", {}, [])]
    hidden = ("from", "to") if "→" in title else ()
    detail = [text for name, text in shown if name not in hidden and not (name == "state" and hidden)]
    return ToldEvent(event.seq, event.at, title, event.actor.split(":")[0], " · ".join(detail))


def _words(name: str, value: object) -> tuple[str, str]:
    return name, str(value) if name in ("reason", "note", "detail", "command") else f"{name} {value}"


def map_config() -> dict[str, Any]:
    """What a page needs to draw the base map: the tiles' address, which names the map's version, and its bounds."""
    network = roads.network_or_none()
    if network is None:
        return {"tiles": "/tiles/{z}/{x}/{y}.mvt", "bounds": None, "city": None}
    graph = network.graph
    bounds = [graph.node_lon.min(), graph.node_lat.min(), graph.node_lon.max(), graph.node_lat.max()]
    return {
        "tiles": f"/tiles/{{z}}/{{x}}/{{y}}.mvt?v={graph.digest[:12]}",
        "bounds": [round(float(value), 6) for value in bounds],
        "city": network.name,
    }
