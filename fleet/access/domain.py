"""Roles, and the names under which actors appear in the ledger."""

from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    RIDER = "rider"
    OPERATOR = "operator"
    ASSISTANT = "assistant"  # remote assistant: answers cars' questions
    SUPERVISOR = "supervisor"
    REGULATOR = "regulator"  # reads, never writes
    ADMIN = "admin"


STAFF = (Role.OPERATOR, Role.ASSISTANT, Role.SUPERVISOR, Role.ADMIN)
# Those who may direct cars and rides.
DIRECTORS = (Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN)
# Those who may look at the whole fleet.
WATCHERS = (*STAFF, Role.REGULATOR)


class HasKey(Protocol):
    @property
    def pk(self) -> object: ...


def actor_of(user: HasKey) -> str:
    """The user's name in the ledger: an opaque key, so that the chain holds no personal data."""
    return f"user:{user.pk}"


def actor_of_vehicle(vehicle_id: object) -> str:
    return f"vehicle:{vehicle_id}"
