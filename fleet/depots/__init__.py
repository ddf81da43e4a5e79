"""Where cars live: parking, charging, cleaning."""
