"""Processes that fail on purpose: some only die at the worst moment, others are broken and must be caught."""
