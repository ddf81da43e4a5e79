"""Scenarios on stage: where they play, who plays, and how they end."""
