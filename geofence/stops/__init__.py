"""Legal places to meet."""
