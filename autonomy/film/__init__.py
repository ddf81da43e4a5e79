"""Films of drives: cameras, the plan from above, and what the driver says."""
