"""Zones over HTTP: draw, edit, discard, publish, retire, and what a shape would touch."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.access.domain import DIRECTORS, WATCHERS, actor_of
from fleet.access.permissions import Access, allow
from fleet.base.fields import IdField, WholeField
from fleet.base.idempotency import idempotent
from fleet.console import impact, zone_rows
from geofence.zones import selectors as zones
from geofence.zones import services
from geofence.zones.domain.geometry import parse_polygon
from geofence.zones.domain.kinds import ZoneKind, ZoneState


class ZoneOutput(serializers.Serializer[object]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField([kind.value for kind in ZoneKind])
    name = serializers.CharField()
    state = serializers.ChoiceField([state.value for state in ZoneState])
    revision = serializers.IntegerField()
    geometry = serializers.JSONField(help_text="GeoJSON Polygon, WGS84 longitude and latitude")
    params = serializers.JSONField(help_text="max_speed_mps (slow zones), hours, note")
    replaces = serializers.UUIDField(allow_null=True)
    published_in = serializers.IntegerField(allow_null=True)
    retired_in = serializers.IntegerField(allow_null=True)
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class VersionOutput(serializers.Serializer[object]):
    number = serializers.IntegerField()
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    by = serializers.CharField()
    note = serializers.CharField()


def _shown(zone: zones.ZoneRow) -> dict[str, Any]:
    return {"id": str(zone.id), **zone_rows.zone_row(zone)}


class WatchOrDirect(APIView):
    """Reading is for everybody who watches the fleet, changing for those who direct it."""

    permission_classes = (allow(*WATCHERS),)

    def get_permissions(self) -> list[Any]:
        access: type[Access] = (
            allow(*WATCHERS) if self.request.method in ("GET", "HEAD", "OPTIONS") else allow(*DIRECTORS)
        )
        return [access()]


class ZonesView(WatchOrDirect):
    """All zones; a new draft."""

    class Input(serializers.Serializer[object]):
        kind = serializers.CharField(max_length=16)
        name = serializers.CharField(max_length=200, allow_blank=True)
        geometry = serializers.JSONField()
        params = serializers.JSONField(required=False, default=dict)
        replaces = IdField(required=False, allow_null=True, default=None)

    @extend_schema(
        responses=ZoneOutput(many=True),
        operation_id="zones_list",
        parameters=[OpenApiParameter("retired", str, enum=["1"], description="1: the retired ones too.")],
    )
    def get(self, request: Request) -> Response:
        """All zones: drafts and published ones."""
        states = [ZoneState.DRAFT, ZoneState.PUBLISHED]
        if request.query_params.get("retired") == "1":
            states.append(ZoneState.RETIRED)
        return Response([_shown(zone) for zone in zones.zones(states=states)])

    @extend_schema(request=Input, responses={201: ZoneOutput, 409: OpenApiResponse()}, operation_id="zone_draft")
    @idempotent
    def post(self, request: Request) -> Response:
        """Draw a zone, as a draft. It has no effect until it is published."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        zone = services.draft(by=actor_of(request.user), **given.validated_data)
        return Response(_shown(zone), status=201)


class ZoneView(WatchOrDirect):
    """One zone; a draft may be edited and discarded."""

    class Input(serializers.Serializer[object]):
        expected_revision = WholeField(min_value=1)
        name = serializers.CharField(max_length=200, required=False, allow_blank=True)
        geometry = serializers.JSONField(required=False)
        params = serializers.JSONField(required=False)

    @extend_schema(responses=ZoneOutput, operation_id="zone")
    def get(self, request: Request, zone_id: UUID) -> Response:
        """One zone."""
        return Response(_shown(zones.zone(zone_id)))

    @extend_schema(request=Input, responses={200: ZoneOutput, 409: OpenApiResponse()}, operation_id="zone_edit")
    def patch(self, request: Request, zone_id: UUID) -> Response:
        """Edit a draft. Refused when somebody else has edited it since the revision that was expected."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(_shown(services.edit_draft(zone_id=zone_id, by=actor_of(request.user), **given.validated_data)))

    @extend_schema(responses={204: None, 409: OpenApiResponse()}, operation_id="zone_discard")
    def delete(self, request: Request, zone_id: UUID) -> Response:
        """Discard a draft."""
        services.discard(zone_id=zone_id, by=actor_of(request.user))
        return Response(status=204)


CHANGED = {200: VersionOutput, 404: OpenApiResponse(), 409: OpenApiResponse()}


class ChangeInput(serializers.Serializer[object]):
    zone_ids = serializers.ListField(child=IdField(), min_length=1, max_length=100)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class PublishView(APIView):
    """Put drafts into force, all or none, as one new version."""

    permission_classes = (allow(*DIRECTORS),)

    @extend_schema(request=ChangeInput, responses=CHANGED, operation_id="zones_publish")
    @idempotent
    def post(self, request: Request) -> Response:
        given = ChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(VersionOutput(services.publish(by=actor_of(request.user), **given.validated_data)).data)


class RetireView(APIView):
    """Take zones out of force, all or none, as one new version."""

    permission_classes = (allow(*DIRECTORS),)

    @extend_schema(request=ChangeInput, responses=CHANGED, operation_id="zones_retire")
    @idempotent
    def post(self, request: Request) -> Response:
        given = ChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(VersionOutput(services.retire(by=actor_of(request.user), **given.validated_data)).data)


class ImpactView(APIView):
    """What lies inside a shape now: cars, open rides, planned routes, streets. Nothing is stored."""

    permission_classes = (allow(*WATCHERS),)

    class Input(serializers.Serializer[object]):
        geometry = serializers.JSONField()

    class Output(serializers.Serializer[object]):
        area_km2 = serializers.FloatField()
        road_km = serializers.FloatField(help_text="directed kilometres of drivable lanes' centre lines")
        vehicles = serializers.ListField(child=serializers.UUIDField())
        rides = serializers.ListField(child=serializers.UUIDField())
        missions = serializers.ListField(child=serializers.UUIDField())

    @extend_schema(request=Input, responses=Output, operation_id="zone_impact")
    def post(self, request: Request) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self.Output(impact.of(parse_polygon(given.validated_data["geometry"]))).data)


class VersionsView(APIView):
    """The versions of the operational design domain, newest first, and the one in force."""

    permission_classes = (allow(*WATCHERS),)

    @extend_schema(responses=VersionOutput(many=True), operation_id="odd_versions")
    def get(self, request: Request) -> Response:
        return Response(VersionOutput(zones.versions(), many=True).data)


__all__ = ["ImpactView", "PublishView", "RetireView", "VersionsView", "ZoneView", "ZonesView"]
