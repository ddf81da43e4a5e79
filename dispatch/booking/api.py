"""The rider's API: where one may go, what it costs, book, follow, unlock, start, cancel."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.assignments import riders
from dispatch.booking import area, examples, shapes
from dispatch.quotes import services as quotes
from dispatch.rides import selectors as rides
from dispatch.rides.domain.reasons import RiderReason
from fleet.access.domain import DIRECTORS, WATCHERS, Role
from fleet.access.permissions import allow, public
from fleet.base.idempotency import idempotent
from fleet.base.pagination import NewestFirst

Handler = TypeVar("Handler", bound=Callable[..., Any])
RIDERS = allow(Role.RIDER)
LOOKERS = allow(Role.RIDER, *WATCHERS)
PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT)  # described as a Problem, with the title of its status


def _user(request: Request) -> Any:
    """Who asks; the permission has let only known users in. Edges name no tables, so the type stays open."""
    return request.user


def _checked(serializer: Any) -> Any:
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class ServiceAreaView(APIView):
    """Where cars may drive now, as GeoJSON, and the box around the map."""

    authentication_classes = ()
    permission_classes = (public("one looks where one may go before one signs up").access,)

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="service_area")
    def get(self, request: Request) -> Response:
        return Response(area.service_area())


class QuotesView(APIView):
    """Ask what a ride would be like. The quote names legal places to meet and get out, and holds for two minutes."""

    permission_classes = (RIDERS,)

    @extend_schema(
        operation_id="quote_create",
        request=shapes.QuoteIn,
        responses={201: shapes.QuoteOut, 400: PROBLEM, 422: PROBLEM},
        examples=[examples.QUOTE_REQUEST, examples.OUTSIDE],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        given = shapes.QuoteIn(data=request.data)
        _checked(given)
        made = quotes.quote(rider=_user(request), wish=given.wish())
        return Response(shapes.quote_body(made), status=201)


class RidesView(APIView):
    """Book a quote; list rides, newest first (a rider's own, or all for staff)."""

    permission_classes = (LOOKERS,)
    pagination_class = NewestFirst

    @extend_schema(operation_id="ride_list", responses=shapes.RideOut(many=True))
    def get(self, request: Request) -> Response:
        """Rides, newest first. Riders see their own, staff all of them."""
        pages = self.pagination_class()
        found = rides.visible_to(_user(request)).select_related("vehicle", "quote", "receipt")
        page = pages.paginate_queryset(found, request, self)
        return pages.get_paginated_response([shapes.ride_body(ride) for ride in page or []])

    def get_permissions(self) -> Any:
        return [RIDERS()] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        operation_id="ride_create",
        request=shapes.BookIn,
        responses={201: shapes.RideOut, 404: PROBLEM, 409: PROBLEM, 410: PROBLEM, 422: PROBLEM},
        examples=[examples.BOOK_REQUEST, examples.EXPIRED],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Book a quote. A car is sent as soon as one can come."""
        given = _checked(shapes.BookIn(data=request.data))
        ride = quotes.book(rider=_user(request), quote_id=given["quote_id"])
        return Response(shapes.ride_body(ride), status=201)


class RideView(APIView):
    """One ride."""

    permission_classes = (LOOKERS,)

    @extend_schema(operation_id="ride", responses={200: shapes.RideOut, 404: PROBLEM})
    def get(self, request: Request, ride_id: UUID) -> Response:
        return Response(shapes.ride_body(rides.visible_ride(_user(request), ride_id)))


class TrackingView(APIView):
    """Where the ride's car is, when it comes, and the road before it. The websocket tells the same without asking."""

    permission_classes = (LOOKERS,)

    @extend_schema(operation_id="ride_tracking", responses={200: shapes.TrackingOut, 404: PROBLEM})
    def get(self, request: Request, ride_id: UUID) -> Response:
        return Response(shapes.tracking_body(rides.visible_ride(_user(request), ride_id)))


class RideOrderView(APIView):
    """Base of orders to a ride: each is carried out once per Idempotency-Key and answers with the ride."""

    permission_classes = (RIDERS,)

    def answer(self, request: Request, ride_id: UUID) -> Response:
        return Response(shapes.ride_body(rides.visible_ride(_user(request), ride_id)))


def _order(name: str, body: type, **more: Any) -> Callable[[Handler], Handler]:
    responses = {200: shapes.RideOut, 404: PROBLEM, 409: PROBLEM}
    decorate: Callable[[Handler], Handler] = extend_schema(operation_id=name, request=body, responses=responses, **more)
    return decorate


class UnlockView(RideOrderView):
    """Open the doors of the car that has arrived."""

    @_order("ride_unlock", shapes.NothingIn)
    @idempotent
    def post(self, request: Request, ride_id: UUID) -> Response:
        riders.unlock(rider=_user(request), ride_id=ride_id)
        return self.answer(request, ride_id)


class StartView(RideOrderView):
    """Everybody is in: let the car go. The state becomes `on_trip` when it has left."""

    @_order("ride_start", shapes.NothingIn)
    @idempotent
    def post(self, request: Request, ride_id: UUID) -> Response:
        riders.start(rider=_user(request), ride_id=ride_id)
        return self.answer(request, ride_id)


class CancelView(RideOrderView):
    """Cancel before the trip. Riders say why; staff that direct the fleet cancel for it, with a note."""

    permission_classes = (allow(Role.RIDER, *DIRECTORS),)

    @_order("ride_cancel", shapes.CancelIn, examples=[examples.CANCEL_REQUEST])
    @idempotent
    def post(self, request: Request, ride_id: UUID) -> Response:
        user = _user(request)
        if user.role == Role.RIDER:
            given = _checked(shapes.CancelIn(data=request.data))
            riders.cancel(rider=user, ride_id=ride_id, reason=RiderReason(given["reason"]), note=given["note"])
        else:
            note = _checked(shapes.NoteIn(data=request.data))["note"]
            riders.cancel_by_operator(operator=user, ride_id=ride_id, note=note)
        return self.answer(request, ride_id)


class ReassignView(RideOrderView):
    """Take the car off the ride before the trip; the dispatcher sends another one."""

    permission_classes = (allow(*DIRECTORS),)

    @_order("ride_reassign", shapes.ReassignIn)
    @idempotent
    def post(self, request: Request, ride_id: UUID) -> Response:
        note = _checked(shapes.ReassignIn(data=request.data))["note"]
        riders.reassign(operator=_user(request), ride_id=ride_id, note=note)
        return self.answer(request, ride_id)
