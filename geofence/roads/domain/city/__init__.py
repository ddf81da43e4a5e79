"""The demo city: planned, drawn and written as an OpenStreetMap extract. Pure and deterministic by its seed."""
