"""The console's own reading API: everything at once, and one car in detail."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.access.domain import WATCHERS
from fleet.access.permissions import allow
from fleet.base import clock
from fleet.console import selectors, snapshot


class SnapshotView(APIView):
    """The state of everything at one ledger number; what follows comes over the console's websocket from there."""

    permission_classes = (allow(*WATCHERS),)

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="console_snapshot")
    def get(self, request: Request) -> Response:
        taken: dict[str, Any] = snapshot.take()
        return Response({**taken, "at": clock.unix_ms(clock.now()), "positions": selectors.positions()})


class VehicleDetailView(APIView):
    """One car: its row, its last report, its open mission with the road before it."""

    permission_classes = (allow(*WATCHERS),)

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="console_vehicle")
    def get(self, request: Request, vehicle_id: UUID) -> Response:
        return Response(selectors.vehicle_detail(vehicle_id))
