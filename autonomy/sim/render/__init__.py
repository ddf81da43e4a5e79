"""Camera pictures of the simulated world: `Renderer(road_map).frames(scene, views)`."""

from autonomy.sim.render.renderer import Renderer
from autonomy.sim.views import CarView, views_of

__all__ = ["CarView", "Renderer", "views_of"]
