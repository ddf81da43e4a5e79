"""Releases over HTTP: read only; what is installed is decided by who installs."""

from collections import Counter
from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.access.domain import WATCHERS
from fleet.access.permissions import allow
from fleet.releases import selectors
from fleet.releases.domain import driver_of
from fleet.vehicles import selectors as vehicles


class ReleasesView(APIView):
    """Every release of the driver with its scores, and how many cars say that they drive by it."""

    permission_classes = (allow(*WATCHERS),)

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="console_releases")
    def get(self, request: Request) -> Response:
        found, bad = selectors.releases()
        driven = Counter(driver_of(row["software"]) for row in vehicles.snapshot().values() if row["software"])
        return Response(
            {
                "releases": [asdict(release) for release in found],
                "unreadable": [asdict(one) for one in bad],
                "cars": dict(driven),
            }
        )
