"""The world in which cars drive when there is no street: roads of an imported city, kinematic cars, signals."""
