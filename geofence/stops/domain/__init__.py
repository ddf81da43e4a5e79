"""Rules of stopping places: where the road allows one, and how far it is on foot."""
