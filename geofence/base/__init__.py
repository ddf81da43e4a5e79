"""What every room of geofence stands on: refusals and identifiers."""
