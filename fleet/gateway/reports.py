"""Telemetry frames as samples."""

from datetime import datetime, timedelta
from uuid import UUID

from autonomy.link.messages import Telemetry
from fleet.base.clock import unix_ms
from fleet.telemetry.domain import Sample

_FARTHEST_MS = 10 * 365 * 86_400_000  # beyond it no date can be made; nearer nonsense is for the recorder to judge


def sample_of(frame: Telemetry, *, vehicle_id: UUID, epoch: int, now: datetime, live: bool) -> Sample | None:
    """None: its time is no time at all. A mission id that is none is left out; it is the car's belief, not a key."""
    ahead_ms = frame.ts_ms - unix_ms(now)
    if abs(ahead_ms) > _FARTHEST_MS:
        return None
    return Sample(
        vehicle_id=vehicle_id,
        epoch=epoch,
        received_at=now,
        live=live,
        ts=now + timedelta(milliseconds=ahead_ms),
        lon=frame.lon,
        lat=frame.lat,
        heading_deg=frame.heading_deg % 360.0,
        speed_mps=frame.speed_mps,
        accel_mps2=frame.accel_mps2,
        soc_pct=frame.soc_pct,
        odometer_m=frame.odometer_m,
        drive_mode=frame.drive_mode,
        odd_status=frame.odd_status,
        doors_open=frame.doors_open,
        occupied=frame.occupied,
        hazard_lights=frame.hazard_lights,
        mission_id=_uuid(frame.mission_id),
        mission_version=frame.mission_version,
        stop_index=frame.stop_index,
        remaining_m=frame.remaining_m,
        remaining_s=frame.remaining_s,
        edge=frame.edge,
        offset_m=frame.offset_m,
    )


def _uuid(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
