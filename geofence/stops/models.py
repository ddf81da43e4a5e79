"""Table of stopping places."""

from __future__ import annotations

from django.contrib.gis.db import models

from geofence.base.ids import new_id


class StoppingPlace(models.Model):
    """A place at the kerb of one road edge where people may board and alight, as far as the road itself says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    network = models.ForeignKey("geofence.RoadNetwork", on_delete=models.CASCADE, related_name="stopping_places")
    # The graph whose edge indexes these are: a network imported again keeps its row and gets another digest.
    map_digest = models.CharField(max_length=64)
    edge = models.PositiveIntegerField()
    offset_cm = models.PositiveIntegerField()
    side = models.CharField(max_length=5, choices=[("right", "right"), ("left", "left")])
    name = models.CharField(max_length=200, blank=True)
    kerb = models.PointField(srid=4326)

    class Meta:
        db_table = "stopping_place"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "map_digest", "edge", "offset_cm"], name="stopping_place_once_per_position"
            ),
        ]
