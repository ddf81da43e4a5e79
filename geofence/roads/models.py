"""Tables of road networks. The compiled graph is the record; edges and features are its rows for tiles and queries."""

from django.contrib.gis.db import models

from geofence.base.ids import new_id


class RoadNetwork(models.Model):
    """One imported city. A city imported again keeps its row and gets another digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    active = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    # The map file as cars get it; every process can write its own copy from here.
    compiled = models.BinaryField()
    stats = models.JSONField(default=dict)
    bounds = models.PolygonField(srid=4326, spatial_index=False)
    imported_at = models.DateTimeField()

    class Meta:
        db_table = "road_network"
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=models.Q(active=True), name="road_network_one_active"),
        ]


class RoadEdge(models.Model):
    """One directed edge; `index` is its number in the graph and in the cars' maps."""

    id = models.BigAutoField(primary_key=True)
    network = models.ForeignKey(RoadNetwork, on_delete=models.CASCADE, related_name="edges")
    index = models.PositiveIntegerField()
    road_class = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255, blank=True)
    way_id = models.BigIntegerField()
    oneway = models.BooleanField()
    # False for the second of a pair of twins, so that a two-way street is drawn once.
    drawn = models.BooleanField()
    bridge = models.BooleanField()
    tunnel = models.BooleanField()
    link = models.BooleanField()
    lanes = models.PositiveSmallIntegerField()
    speed_mps = models.FloatField()
    geom = models.LineStringField(srid=4326)

    class Meta:
        db_table = "road_edge"
        constraints = [models.UniqueConstraint(fields=["network", "index"], name="road_edge_once_per_index")]


class MapFeature(models.Model):
    """Something that the base map shows besides roads: water, park, building, signal."""

    id = models.BigAutoField(primary_key=True)
    network = models.ForeignKey(RoadNetwork, on_delete=models.CASCADE, related_name="features")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=255, blank=True)
    geom = models.GeometryField(srid=4326)

    class Meta:
        db_table = "map_feature"
        indexes = [models.Index(fields=["network", "kind"], name="map_feature_by_kind")]


class SpeedFactor(models.Model):
    """For a time, an edge or a whole way is driven at `factor` times its speed. The newest row of an edge counts."""

    id = models.BigAutoField(primary_key=True)
    network = models.ForeignKey(RoadNetwork, on_delete=models.CASCADE, related_name="speed_factors")
    map_digest = models.CharField(max_length=64)
    edge = models.PositiveIntegerField(null=True)
    way_id = models.BigIntegerField(null=True)
    factor = models.FloatField()
    source = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "speed_factor"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(edge__isnull=False, way_id=None) | models.Q(edge=None, way_id__isnull=False),
                name="speed_factor_of_edge_or_way",
            ),
            models.CheckConstraint(condition=models.Q(factor__gte=0.05, factor__lte=2.0), name="speed_factor_in_range"),
        ]
        indexes = [models.Index(fields=["network", "expires_at"], name="speed_factor_live")]
