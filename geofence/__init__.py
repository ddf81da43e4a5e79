"""Where a car may drive."""
