"""Scores of a release."""
