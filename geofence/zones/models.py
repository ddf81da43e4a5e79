"""Tables of zones and of the versions that they make up."""

from __future__ import annotations

from django.contrib.gis.db import models

from geofence.base.ids import new_id
from geofence.zones.domain.kinds import ZoneKind, ZoneState


class OddVersion(models.Model):
    """One state of all published zones. Numbers rise by one in the order of commits; a row never changes."""

    number = models.PositiveIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "odd_version"


class Zone(models.Model):
    """An area. What it says may change while it is a draft, and never after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in ZoneKind])
    name = models.CharField(max_length=120)
    area = models.PolygonField(srid=4326)
    params = models.JSONField(default=dict)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.name) for s in ZoneState], default=ZoneState.DRAFT.value
    )
    # Counts edits of the draft, so that an editor never overwrites what he has not seen.
    revision = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    published_in = models.ForeignKey(OddVersion, null=True, on_delete=models.PROTECT, related_name="published")
    retired_in = models.ForeignKey(OddVersion, null=True, on_delete=models.PROTECT, related_name="retired")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "zone"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=[k.value for k in ZoneKind]), name="zone_kind_known"),
            models.CheckConstraint(
                condition=(
                    models.Q(state="draft", published_in=None, retired_in=None)
                    | models.Q(state="published", published_in__isnull=False, retired_in=None)
                    | models.Q(state="retired", published_in__isnull=False, retired_in__isnull=False)
                ),
                name="zone_state_matches_versions",
            ),
            models.CheckConstraint(
                condition=models.Q(retired_in=None) | models.Q(retired_in__gt=models.F("published_in")),
                name="zone_retired_after_published",
            ),
            # The last wall: not even a program of ours stores a shape that the checks would refuse.
            models.CheckConstraint(condition=models.Q(area__isvalid=True), name="zone_area_valid"),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="zone_state_kind")]
