"""What every room of the platform stands on: errors, clock, limits, idempotency, doorbell, health."""
