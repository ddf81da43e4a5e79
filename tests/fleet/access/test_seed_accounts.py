"""First start: one account for each role, with passwords that nobody has chosen."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from fleet.access.models import User


@pytest.mark.django_db
def test_accounts_are_made_once_and_their_passwords_kept_for_the_owner_only(own_place: Path) -> None:
    first, second = StringIO(), StringIO()
    call_command("seed_accounts", stdout=first)
    call_command("seed_accounts", stdout=second)
    assert sorted(User.objects.values_list("username", flat=True)) == [
        "admin",
        "assistant",
        "operator",
        "regulator",
        "rider",
        "supervisor",
    ]
    assert first.getvalue() == second.getvalue()
    name, password = first.getvalue().splitlines()[0].split("\t")
    assert User.objects.get(username=name).check_password(password)
    assert (own_place / "credentials").stat().st_mode & 0o777 == 0o600
