"""Rules of zones: what a zone is, which shapes are accepted, when it applies."""
