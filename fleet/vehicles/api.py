"""Vehicles over HTTP: look at them, and direct them."""

from typing import Any, Protocol, cast
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.access.domain import DIRECTORS, STAFF, WATCHERS, actor_of
from fleet.access.permissions import allow
from fleet.base.fields import LineField
from fleet.base.idempotency import idempotent
from fleet.missions import selectors as missions
from fleet.missions import verbs
from fleet.vehicles import selectors
from fleet.vehicles.axes import DriveMode, Holder, Link, OddStatus
from fleet.vehicles.domain import MdsState, VehicleState
from geofence.base.errors import Refusal

STATES = [state.value for state in VehicleState]


class VehicleOut(serializers.Serializer[object]):
    id = serializers.UUIDField()
    plate = serializers.CharField()
    platform = serializers.CharField()
    seats = serializers.IntegerField()
    wheelchair_accessible = serializers.BooleanField()
    state = serializers.ChoiceField(STATES)
    mds_state = serializers.ChoiceField([state.value for state in MdsState])
    state_since = serializers.DateTimeField()
    drive_mode = serializers.ChoiceField([mode.value for mode in DriveMode])
    link = serializers.ChoiceField([link.value for link in Link])
    odd_status = serializers.ChoiceField([status.value for status in OddStatus])
    software = serializers.CharField()
    held_by = serializers.ChoiceField([holder.value for holder in Holder])
    question = serializers.CharField(help_text="What its driver asks of a person; empty: nothing.")
    soc = serializers.FloatField(allow_null=True, help_text="State of charge in per cent.")
    mission_id = serializers.UUIDField(allow_null=True)
    ride_id = serializers.UUIDField(allow_null=True)


class LastKnownOut(serializers.Serializer[object]):
    ts = serializers.DateTimeField(help_text="When the car measured.")
    heard_at = serializers.DateTimeField(help_text="When the platform last heard of it.")
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    heading_deg = serializers.FloatField()
    speed_mps = serializers.FloatField()
    soc_pct = serializers.FloatField()
    remaining_m = serializers.FloatField(help_text="To the next stop, along the route.")
    remaining_s = serializers.FloatField()
    stop_index = serializers.IntegerField()
    occupied = serializers.BooleanField()
    doors_open = serializers.BooleanField()


class MissionLegOut(serializers.Serializer[object]):
    stop_index = serializers.IntegerField()
    lonlat = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    distance_m = serializers.FloatField()
    duration_s = serializers.FloatField()


class VehicleDetailOut(VehicleOut):
    last_known = LastKnownOut(allow_null=True)
    legs = MissionLegOut(many=True, help_text="The road of the open mission, from the next stop on.")


class VehiclesView(APIView):
    """The whole fleet, ordered by id."""

    permission_classes = (allow(*WATCHERS),)

    @extend_schema(
        operation_id="vehicle_list",
        parameters=[OpenApiParameter("state", str, description="Only this state, or its part before the dot.")],
        responses=inline_serializer("VehicleList", {"results": VehicleOut(many=True)}),
    )
    def get(self, request: Request) -> Response:
        wanted = request.query_params.get("state", "")
        known = {state.value for state in VehicleState} | {state.value for state in MdsState}
        if wanted and wanted not in known:
            raise Refusal("invalid", "There is no such state.", field="state")
        rows = [
            {"id": key, **row}
            for key, row in selectors.snapshot().items()
            if not wanted or wanted in (row["state"], row["mds_state"])
        ]
        return Response({"results": VehicleOut(rows, many=True).data})


class VehicleView(APIView):
    """One car with its last known place and the road before it."""

    permission_classes = (allow(*WATCHERS),)

    @extend_schema(operation_id="vehicle", responses=VehicleDetailOut)
    def get(self, request: Request, vehicle_id: UUID) -> Response:
        return Response(VehicleDetailOut(_detail(vehicle_id)).data)


def _detail(vehicle_id: UUID) -> dict[str, Any]:
    row = selectors.row(vehicle_id)
    mission = missions.open_of(vehicle_id)
    return {
        "id": str(vehicle_id),
        **row,
        "last_known": selectors.last_known(vehicle_id),
        "legs": missions.drawn_legs(mission) if mission else [],
    }


class Verb(Protocol):
    def __call__(self, *, vehicle_id: UUID, actor: str, reason: str) -> object: ...


class OrderIn(serializers.Serializer[object]):
    reason = serializers.CharField(min_length=3, max_length=200, help_text="Why; it goes into the ledger.")


def _order(name: str, verb: Verb) -> Any:
    """The route of one verb."""

    @extend_schema(operation_id=f"vehicle_{name}", request=OrderIn, responses={200: VehicleOut, 409: OpenApiResponse()})
    @idempotent
    def post(self: APIView, request: Request, vehicle_id: UUID) -> Response:
        given = OrderIn(data=request.data)
        given.is_valid(raise_exception=True)
        verb(vehicle_id=vehicle_id, actor=actor_of(request.user), reason=given.validated_data["reason"])
        return Response(VehicleOut({"id": str(vehicle_id), **selectors.row(vehicle_id)}).data)

    post.__doc__ = verb.__doc__
    members = {"permission_classes": (allow(*DIRECTORS),), "post": post, "__doc__": verb.__doc__}
    view = cast("type[APIView]", type(f"{name.title().replace('_', '')}View", (APIView,), members))
    return path(f"api/vehicles/<uuid:vehicle_id>/{name.replace('_', '-')}", view.as_view(), name=f"vehicle-{name}")


class InstructionIn(serializers.Serializer[object]):
    text = LineField(
        max_length=200, allow_blank=True, help_text="Plain English; empty takes back what the driver was told."
    )


class InstructView(APIView):
    """Tell the driver something in plain English. It obeys what is safe, and says why it does not do the rest."""

    permission_classes = (allow(*STAFF),)

    @extend_schema(
        operation_id="vehicle_instruct", request=InstructionIn, responses={200: VehicleOut, 409: OpenApiResponse()}
    )
    @idempotent
    def post(self, request: Request, vehicle_id: UUID) -> Response:
        given = InstructionIn(data=request.data)
        given.is_valid(raise_exception=True)
        verbs.instruct(vehicle_id=vehicle_id, actor=actor_of(request.user), text=given.validated_data["text"])
        return Response(VehicleOut({"id": str(vehicle_id), **selectors.row(vehicle_id)}).data)


urlpatterns = [
    path("api/vehicles", VehiclesView.as_view(), name="vehicles"),
    path("api/vehicles/<uuid:vehicle_id>", VehicleView.as_view(), name="vehicle"),
    path("api/vehicles/<uuid:vehicle_id>/instruct", InstructView.as_view(), name="vehicle-instruct"),
    _order("hold", verbs.hold),
    _order("release", verbs.release),
    _order("pull_over", verbs.pull_over),
    _order("service_start", verbs.service_start),
    _order("service_end", verbs.service_end),
    _order("ground", verbs.ground),
    _order("clear", verbs.clear),
]
