"""Accounts."""

from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.db import models

from fleet.access.domain import Role
from fleet.base.ids import new_id


class User(AbstractUser):
    """An account with exactly one role."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role], default=Role.RIDER)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="user_role_known")
        ]
