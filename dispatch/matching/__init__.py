"""Which car for which ride: drive times, hard limits, and the cheapest whole."""
