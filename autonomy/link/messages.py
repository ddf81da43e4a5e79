"""The messages between a car and the platform, one tagged struct each.

Wire form: JSON text frames of at most `MAX_FRAME_BYTES`, one message a frame, tagged by `type`. Units are in the
names; `*_ms` are Unix milliseconds; positions are WGS84 degrees. Reliable messages (`Event` upwards, `Command`
downwards) carry a sequence number of their own direction and are acknowledged; telemetry and heartbeats are not.
"""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

PROTOCOL = 1
SUBPROTOCOL = "hansom.v1"
MAX_FRAME_BYTES = 65_536

Seq = Annotated[int, Meta(ge=0, le=2**53)]
Ms = Annotated[int, Meta(ge=0, le=2**53)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
# No control characters: PostgreSQL can't store NUL, and the others have no place in a log line.
ShortText = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
Index = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Metres = Annotated[float, Meta(ge=0, le=1e7)]
Base64 = Annotated[str, Meta(max_length=128)]
OddReport = Literal["inside", "near_edge", "unknown", "outside"]
DriveMode = Literal[
    "MANUAL", "AUTONOMOUS", "REMOTE_ASSISTED", "REMOTE_DRIVEN", "MRM_OPERATING", "MRC_REACHED", "MRM_FAILED"
]


class Frame(Struct, tag_field="type", frozen=True, kw_only=True, omit_defaults=True):
    """Base of all frames."""


# --- opening: challenge, hello, welcome or reject ---------------------------------------------------------------


class Challenge(Frame, tag="challenge", frozen=True, kw_only=True):
    """Platform to car, first frame of a connection."""

    protocol: Index
    nonce: Base64
    server_time_ms: Ms


class Hello(Frame, tag="hello", frozen=True, kw_only=True):
    """Car to platform: who it is and where both streams stand.

    `signature` is Ed25519 over `signing.hello_bytes(...)`, which binds the platform's nonce, the car's id and protocol.
    """

    protocol: Index
    vehicle_id: Id
    signature: Base64
    car_nonce: Base64
    boot_id: Id
    uplink_seq: Seq  # highest event sequence number that the car has assigned
    downlink_seq: Seq  # highest command sequence number that the car has processed
    reported_state: ShortText  # vehicle sub-state as the car believes it, such as "reserved.enroute"
    mission_id: Id | None = None
    mission_version: Index = 0
    platform: ShortText = ""
    software: ShortText = ""
    map_digest: ShortText = ""
    driver_view: bool = False  # the car understands `Watch`; a platform sends none to a car that does not say so


class Welcome(Frame, tag="welcome", frozen=True, kw_only=True):
    """Platform to car: the session is open. `signature` binds the car's nonce and the epoch to the platform's key."""

    epoch: Seq
    uplink_seq: Seq  # highest event sequence number stored; the car resends from here
    heartbeat_s: Annotated[float, Meta(gt=0, le=3600)]
    lease_s: Annotated[float, Meta(gt=0, le=3600)]  # without any frame for this long, each side holds the link for lost
    server_time_ms: Ms
    signature: Base64


class Reject(Frame, tag="reject", frozen=True, kw_only=True):
    """Platform to car: the connection is refused or ended; retry not before `retry_after_s` (None: never)."""

    code: ShortText
    detail: ShortText
    retry_after_s: Annotated[float, Meta(ge=0, le=86_400)] | None = None


class Heartbeat(Frame, tag="heartbeat", frozen=True, kw_only=True):
    """Both ways."""

    sent_ms: Ms


# --- telemetry: not reliable, latest wins, buffered while the link is down ---------------------------------------


class Telemetry(Frame, tag="telemetry", frozen=True, kw_only=True):
    """Car to platform. COVESA VSS name of each field in its comment."""

    ts_ms: Ms  # Vehicle.CurrentLocation.Timestamp
    lon: Lon  # Vehicle.CurrentLocation.Longitude
    lat: Lat  # Vehicle.CurrentLocation.Latitude
    heading_deg: Annotated[float, Meta(ge=0, le=360)]  # Vehicle.CurrentLocation.Heading, clockwise from north
    speed_mps: Annotated[float, Meta(ge=-20, le=100)]  # Vehicle.Speed (VSS: km/h)
    accel_mps2: Annotated[float, Meta(ge=-30, le=30)] = 0.0  # Vehicle.Acceleration.Longitudinal
    soc_pct: Annotated[float, Meta(ge=0, le=100)] = 0.0  # Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed
    odometer_m: Annotated[float, Meta(ge=0, le=1e10)] = 0.0  # Vehicle.TraveledDistance
    drive_mode: DriveMode = "AUTONOMOUS"  # overlay branch: VSS has no such signal
    odd_status: OddReport = "unknown"  # overlay branch
    doors_open: bool = False  # any Vehicle.Cabin.Door.Row*.*.IsOpen
    occupied: bool = False  # any Vehicle.Cabin.Seat.Row*.*.OccupancyStatus
    hazard_lights: bool = False  # Vehicle.Body.Lights.Hazard.IsSignaling
    mission_id: Id | None = None
    mission_version: Index = 0
    stop_index: Index = 0  # next stop of the mission
    remaining_m: Annotated[float, Meta(ge=0, le=1e7)] = 0.0  # to the next stop, along the route
    remaining_s: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    # Where the car stands on the map `Hello.map_digest`: the platform plans from here, because snapping the position
    # again can't tell the two directions of a street apart. None: the car does not know (overlay branch).
    edge: Index | None = None
    offset_m: Metres = 0.0


class TelemetryBatch(Frame, tag="telemetry_batch", frozen=True, kw_only=True):
    """Car to platform: samples of the time without a link, oldest first."""

    samples: Annotated[list[Telemetry], Meta(max_length=100)]


# --- events: reliable, upwards -----------------------------------------------------------------------------------


class StopArrived(Struct, tag="stop_arrived", frozen=True, kw_only=True):
    mission_id: Id
    version: Index
    stop_index: Index


class StopDeparted(Struct, tag="stop_departed", frozen=True, kw_only=True):
    mission_id: Id
    version: Index
    stop_index: Index


class CabinEmpty(Struct, tag="cabin_empty", frozen=True, kw_only=True):
    """The rider has left at a drop-off and the doors are shut."""

    mission_id: Id
    version: Index
    stop_index: Index


class MissionCompleted(Struct, tag="mission_completed", frozen=True, kw_only=True):
    mission_id: Id
    version: Index


class DoorsChanged(Struct, tag="doors_changed", frozen=True, kw_only=True):
    open: bool


class DriveModeChanged(Struct, tag="drive_mode_changed", frozen=True, kw_only=True):
    drive_mode: DriveMode
    reason: ShortText


class Held(Struct, tag="held", frozen=True, kw_only=True):
    """The car stands, on order or by its own safety layer, and does not go on by itself."""

    reason: ShortText


class Resumed(Struct, tag="resumed", frozen=True, kw_only=True):
    reason: ShortText


class Fault(Struct, tag="fault", frozen=True, kw_only=True):
    """The car can't serve: `drivable` says whether it can still move by itself."""

    code: ShortText
    detail: ShortText
    drivable: bool


class HelpAsked(Struct, tag="help_asked", frozen=True, kw_only=True):
    """The driver does not go on by itself and asks a person."""

    question: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    reason: ShortText


class HelpEnded(Struct, tag="help_ended", frozen=True, kw_only=True):
    """The question is answered, or no longer one."""

    reason: ShortText


EventBody = (
    StopArrived
    | StopDeparted
    | CabinEmpty
    | MissionCompleted
    | DoorsChanged
    | DriveModeChanged
    | Held
    | Resumed
    | Fault
    | HelpAsked
    | HelpEnded
)


class Event(Frame, tag="event", frozen=True, kw_only=True):
    """Car to platform, numbered from 1 without gaps."""

    seq: Seq
    at_ms: Ms
    body: EventBody


class EventAck(Frame, tag="event_ack", frozen=True, kw_only=True):
    """Platform to car: every event up to and including `seq` is stored."""

    seq: Seq


# --- commands: reliable, signed, downwards -----------------------------------------------------------------------


class StopSpec(Struct, frozen=True, kw_only=True):
    """One stop of a mission. The car waits at a stop with `wait_for_proceed` until it gets `Proceed`."""

    stop_index: Index
    kind: Literal["pickup", "dropoff", "waypoint", "park"]
    lon: Lon
    lat: Lat
    edge: Index
    offset_m: Metres
    wait_for_proceed: bool = False
    dwell_s: Annotated[float, Meta(ge=0, le=3600)] = 0.0


class LegSpec(Struct, frozen=True, kw_only=True):
    """The road from the previous stop (or from where the car was) to stop `stop_index`, in edges of the car's map.

    `speed_caps`: slow zones, as [index in `edges`, m/s], rising; elsewhere the map's limits alone hold.
    """

    stop_index: Index
    edges: Annotated[list[Index], Meta(min_length=1, max_length=4000)]
    start_offset_m: Metres
    end_offset_m: Metres
    distance_m: Metres
    duration_s: Annotated[float, Meta(ge=0, le=1e6)]
    speed_caps: Annotated[list[tuple[Index, float]], Meta(max_length=4000)] = []


class AssignMission(Struct, tag="assign_mission", frozen=True, kw_only=True):
    """Take this mission in place of version `previous_version` of `previous_mission_id` (None: the car is free).

    `stops` are those still to be served, the next one first, each with its leg; a car that stands at the first one
    stays as it is (doors, rider) and does not report the arrival again.
    """

    mission_id: Id
    version: Index
    previous_mission_id: Id | None
    previous_version: Index
    purpose: ShortText
    map_digest: ShortText
    odd_version: Index
    stops: Annotated[list[StopSpec], Meta(max_length=16)]
    legs: Annotated[list[LegSpec], Meta(max_length=16)]


class CancelMission(Struct, tag="cancel_mission", frozen=True, kw_only=True):
    mission_id: Id
    version: Index


class Proceed(Struct, tag="proceed", frozen=True, kw_only=True):
    """Leave stop `stop_index`: the rider is in, doors may shut."""

    mission_id: Id
    version: Index
    stop_index: Index


class UnlockDoors(Struct, tag="unlock_doors", frozen=True, kw_only=True):
    mission_id: Id


class Hold(Struct, tag="hold", frozen=True, kw_only=True):
    """Stop where it is safe in the lane and stand."""


class PullOver(Struct, tag="pull_over", frozen=True, kw_only=True):
    """Stop at the kerb at the next possible place and stand."""


class Release(Struct, tag="release", frozen=True, kw_only=True):
    """End a hold or a pull-over and go on."""


class Instruct(Struct, tag="instruct", frozen=True, kw_only=True):
    """What a person asks of the driver, in plain English; empty: nothing any more. The driver may refuse it."""

    text: ShortText


CommandBody = AssignMission | CancelMission | Proceed | UnlockDoors | Hold | PullOver | Release | Instruct


class SignedCommand(Struct, frozen=True, kw_only=True):
    """What is signed. The car refuses another car's id, a number that does not rise, another epoch, and age."""

    vehicle_id: Id
    seq: Seq
    epoch: Seq
    issued_at_ms: Ms
    ttl_ms: Annotated[int, Meta(ge=1, le=3_600_000)]
    issuer: ShortText
    reason: ShortText
    body: CommandBody


class Command(Frame, tag="command", frozen=True, kw_only=True):
    """Platform to car. `signed` is the JSON text of a `SignedCommand`; `signature` is Ed25519 over its UTF-8 bytes."""

    signed: Annotated[str, Meta(max_length=60_000)]
    signature: Base64


class CommandAck(Frame, tag="command_ack", frozen=True, kw_only=True):
    """Car to platform: what became of command `seq`."""

    seq: Seq
    outcome: Literal["accepted", "refused"]
    code: ShortText = ""
    detail: ShortText = ""


# --- the driver's view: not reliable, latest wins, only while somebody looks --------------------------------------


class Watch(Frame, tag="watch", frozen=True, kw_only=True):
    """Platform to car: somebody looks; send `DriverReport` frames until `until_ms` of the platform's time.

    Renewed every few seconds as long as somebody does. It moves nothing, so it has no number and no answer;
    `signature` is Ed25519 over `signing.watch_bytes(...)`, since pictures are for the car's own fleet only.
    """

    until_ms: Ms
    signature: Base64


class DriverReport(Frame, tag="driver_report", frozen=True, kw_only=True):
    """Car to platform: what the driver sees and plans, a `driver_view.DriverView`, read only where somebody looks."""

    view: Raw


UpFrame = Hello | Heartbeat | Telemetry | TelemetryBatch | Event | CommandAck | DriverReport
DownFrame = Challenge | Welcome | Reject | Heartbeat | EventAck | Command | Watch
