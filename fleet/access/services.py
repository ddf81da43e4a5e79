"""Writers of accounts."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from fleet.access.domain import Role, actor_of
from fleet.access.models import User
from fleet.ledger import services as ledger
from geofence.base.errors import Conflict, Refusal


@transaction.atomic
def account_create(*, username: str, password: str, role: Role, actor: str | None = None) -> User:
    """Create an account. `actor` is who does it; None: the person signs up.

    Raises Refusal `weak_password` and Conflict `username_taken`.
    """
    user = User(username=username, role=role)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refusal("weak_password", " ".join(error.messages), field="password") from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Conflict("username_taken", "This name is taken.", field="username") from error
    ledger.record(
        kind="account.created",
        subject_type="user",
        subject_id=user.pk,
        actor=actor or actor_of(user),
        data={"role": role.value},
    )
    return user


def generated_password() -> str:
    return secrets.token_urlsafe(12)
