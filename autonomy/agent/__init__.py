"""The process on the car: link, mission, policy, safety. To start and to stop a car it needs no Django and no torch."""
