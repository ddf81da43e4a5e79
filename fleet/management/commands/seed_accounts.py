"""Create one account for each role, with generated passwords."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fleet.access import services
from fleet.access.domain import Role
from geofence.base.errors import Conflict


class Command(BaseCommand):
    help = (
        "Create one account for each role, named like the role, with a generated password. The passwords are written "
        "to var/credentials (readable by the owner only) and printed. Accounts that exist are left as they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.HANSOM_VAR) / "credentials"
        made = []
        for role in Role:
            password = services.generated_password()
            try:
                services.account_create(
                    username=role.value, password=password, role=role, actor="command:seed_accounts"
                )
            except Conflict:
                continue
            made.append(f"{role.value}\t{password}\n")
        if made:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
                file.writelines(made)
        self.stdout.write(path.read_text() if path.exists() else "no account was made here")
