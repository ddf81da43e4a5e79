"""A ride and a car together: who was sent, by which dispatcher, and how it ended."""
