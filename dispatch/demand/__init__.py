"""Riders who use the public API as people's apps do: demand for demonstrations, proofs and measurements."""
