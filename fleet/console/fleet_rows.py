"""Vehicles and missions as the console shows them: which ledger event changes which field of which row."""

from fleet.console.snapshot import Patch, Row, Rows
from fleet.ledger.domain import LedgerEvent
from fleet.missions import selectors as missions
from fleet.vehicles import selectors as vehicles

_STATE = ("state", "mds_state", "state_since")
_AXES = ("drive_mode", "link", "odd_status", "software", "held_by", "question")
_CHANGES = {"vehicle.state_changed": _STATE, "vehicle.axes_changed": _AXES, "command": ("order", "told")}
_NO_MISSION: Row = {"mission_id": None, "ride_id": None}
_MISSION_ONLY = (
    "ride_id",
    "purpose",
    "purpose_id",
    "version",
    "state",
    "stop_index",
    "at_stop",
    "stops",
    "odd_version",
)


def current_vehicles() -> Rows:
    """The fleet by id, each with the last order that it was given and what its driver was last told. Charge and place
    are not here: they are telemetry, not state, and come with the positions."""
    orders, told = missions.newest_orders(), missions.newest_instructions()
    return {
        key: {**{name: row[name] for name in row if name != "soc"}, "order": orders.get(key), "told": told.get(key)}
        for key, row in vehicles.snapshot().items()
    }


def current_missions() -> Rows:
    """The open missions by id, without their drawn roads."""
    return {key: _settled(row) for key, row in missions.snapshot().items()}


def _settled(row: Row) -> Row:
    """`sent` is shown as `planned`: that a message is on the wire is no decision, and the ledger doesn't tell it."""
    return {**row, "state": "planned"} if row.get("state") == "sent" else row


def patch_vehicles(event: LedgerEvent) -> Patch:
    key, data = event.subject_id, event.data
    if event.subject_type == "mission":
        return _patch_car_of_mission(event)
    if event.subject_type != "vehicle":
        return {}
    if event.kind == "vehicle.registered":
        return {"vehicles": {key: {**data, **_NO_MISSION, "order": None, "told": None}}}
    changed = _only(data, _CHANGES.get(event.kind.partition(".")[0]) or _CHANGES.get(event.kind, ()))
    return {"vehicles": {key: changed}} if changed else {}


def _patch_car_of_mission(event: LedgerEvent) -> Patch:
    car = str(event.data.get("vehicle_id"))
    if event.kind == "mission.assigned":
        return {"vehicles": {car: {"mission_id": event.subject_id, "ride_id": event.data["ride_id"]}}}
    if event.kind == "mission.closed":
        return {"vehicles": {car: dict(_NO_MISSION)}}
    return {}


def patch_missions(event: LedgerEvent) -> Patch:
    if event.subject_type != "mission":
        return {}
    if event.kind == "mission.closed":
        return {"missions": {event.subject_id: None}}
    changed = _only(event.data, ("vehicle_id", *_MISSION_ONLY))
    return {"missions": {event.subject_id: _settled(changed)}} if changed else {}


def _only(data: Row, names: tuple[str, ...]) -> Row:
    return {name: data[name] for name in names if name in data}
