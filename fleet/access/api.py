"""Accounts over HTTP: sign up as a rider, get and give back an API token, ask who one is."""

from django.contrib.auth import authenticate
from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.access import services
from fleet.access.domain import Role
from fleet.access.permissions import allow, public
from geofence.base.errors import Refusal


class TokenView(APIView):
    """An API token for a name and a password; send it as `Authorization: Token …`."""

    authentication_classes = ()
    permission_classes = (public("this is where one says who one is").access,)

    class Input(serializers.Serializer[object]):
        username = serializers.CharField(max_length=150)
        password = serializers.CharField(max_length=200)

    class Output(serializers.Serializer[object]):
        token = serializers.CharField()
        expires_at = serializers.DateTimeField()
        role = serializers.ChoiceField([role.value for role in Role])

    @extend_schema(request=Input, responses={200: Output, 401: OpenApiResponse()}, operation_id="token_create")
    def post(self, request: Request) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data)
        if user is None:
            raise Refusal("wrong_credentials", "Name or password is wrong.", status=401)
        instance, token = AuthToken.objects.create(user)
        return Response(self.Output({"token": token, "expires_at": instance.expiry, "role": user.role}).data)


class RidersView(APIView):
    """Sign up as a rider."""

    authentication_classes = ()
    permission_classes = (public("anybody may become a rider").access,)

    class Input(serializers.Serializer[object]):
        username = serializers.RegexField(
            r"^[\w.@+-]{3,60}$", error_messages={"invalid": "3 to 60 letters, digits and @.+-_"}
        )
        password = serializers.CharField(min_length=10, max_length=200)

    class Output(serializers.Serializer[object]):
        id = serializers.UUIDField()
        username = serializers.CharField()

    @extend_schema(request=Input, responses={201: Output, 409: OpenApiResponse()}, operation_id="rider_create")
    def post(self, request: Request) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        user = services.account_create(role=Role.RIDER, **given.validated_data)
        return Response(self.Output({"id": user.pk, "username": user.username}).data, status=201)


class MeView(APIView):
    """Who the caller is."""

    permission_classes = (allow(*Role),)

    class Output(serializers.Serializer[object]):
        id = serializers.UUIDField()
        username = serializers.CharField()
        role = serializers.CharField()

    @extend_schema(responses=Output, operation_id="me")
    def get(self, request: Request) -> Response:
        user = request.user
        assert user.is_authenticated
        return Response(self.Output({"id": user.pk, "username": user.username, "role": user.role}).data)


urlpatterns = [
    path("api/auth/token", TokenView.as_view(), name="token"),
    path("api/riders", RidersView.as_view(), name="riders"),
    path("api/me", MeView.as_view(), name="me"),
]
