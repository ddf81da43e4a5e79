"""One connection between a car and the platform, as two state machines without sockets, clocks or threads.

Whoever owns the socket feeds `receive` and `tick` with the present time, acts on what they return, and writes what
`outgoing` gives. A session lives as long as its connection; what outlives it (counters, unsent events) is its owner's.
"""

from autonomy.link.session.car import (
    CarIdentity,
    CarOutput,
    CarReport,
    CarSession,
    CommandArrived,
    CommandRefused,
    EventsStored,
    Opened,
    Outbox,
)
from autonomy.link.session.parts import Ended, Phase, SessionLimits
from autonomy.link.session.platform import (
    AckArrived,
    DriverReportArrived,
    EventArrived,
    HelloArrived,
    PlatformOutput,
    PlatformSession,
    TelemetryArrived,
)

__all__ = [
    "AckArrived",
    "CarIdentity",
    "CarOutput",
    "CarReport",
    "CarSession",
    "CommandArrived",
    "CommandRefused",
    "DriverReportArrived",
    "Ended",
    "EventArrived",
    "EventsStored",
    "HelloArrived",
    "Opened",
    "Outbox",
    "Phase",
    "PlatformOutput",
    "PlatformSession",
    "SessionLimits",
    "TelemetryArrived",
]
