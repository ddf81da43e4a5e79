"""What a ride would be like: where to meet, when, and for how much."""
