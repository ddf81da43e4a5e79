"""The cars' end of the platform: one websocket for each car."""
