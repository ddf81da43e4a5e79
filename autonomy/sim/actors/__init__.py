"""Everything on and beside the road that is not a car on a path: walkers, cyclists, parked cars, works, officers."""

from autonomy.sim.actors.store import Actor, Actors, Script

__all__ = ["Actor", "Actors", "Script"]
