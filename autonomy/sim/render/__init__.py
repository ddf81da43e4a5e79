"""Camera pictures of the simulated world: `Renderer(road_map).frames(scene, views)`."""

from autonomy.sim.render.renderer import CarView, Renderer

__all__ = ["CarView", "Renderer"]
