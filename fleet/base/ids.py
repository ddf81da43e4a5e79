"""Opaque ids of rows that the outside may see: UUIDv7, so that they sort by time of creation."""

from geofence.base.ids import new_id

__all__ = ["new_id"]
